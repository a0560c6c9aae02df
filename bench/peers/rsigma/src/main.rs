//! rsigma's engine in a process of its own: loads rules, parses and evaluates a file of events several times, and prints
//! what that cost as JSON. Arguments: folder or file of rules, file of events (one JSON object a line), mode (`default`,
//! `routed` or `correlation`), passes, and optionally a file for the rules that each event matched.

use std::fs;
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};

use rsigma_eval::{
    CorrelationAction, CorrelationConfig, CorrelationEngine, Engine, EvaluationResult, JsonEvent, LogSourceExtractor,
};
use rsigma_parser::{SigmaCollection, parse_sigma_yaml};
use serde_json::{Value, json};

/// Events held at a time, as the other engines hold them.
const CHUNK: usize = 100;
/// Events of the correlation lane carry no time: they get one each this often.
const EVENTS_PER_SECOND: usize = 10;
const EPOCH_SECONDS: i64 = 1_795_100_000;

/// CPU time of this process so far, in µs.
fn cpu_us() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock exists on every Linux, and `time` is ours to write.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

fn rule_files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path).expect("a folder of rules").map(|e| e.unwrap().path()).collect();
        entries.sort();
        for entry in entries {
            rule_files(&entry, found);
        }
    } else if path.extension().is_some_and(|e| e == "yml") {
        found.push(path.to_path_buf());
    }
}

fn id_of(result: &EvaluationResult) -> String {
    result.header.rule_id.clone().unwrap_or_else(|| result.header.rule_title.clone())
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (rules, events, mode, passes) = (&args[1], &args[2], args[3].as_str(), args[4].parse::<usize>().unwrap());

    let begun = cpu_us();
    let mut files = Vec::new();
    rule_files(Path::new(rules), &mut files);
    let mut collection = SigmaCollection::new();
    let mut refused = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).expect("a rule");
        match parse_sigma_yaml(&text) {
            Ok(parsed) => {
                refused.extend(parsed.errors.iter().map(|error| format!("{}: {error}", file.display())));
                collection.rules.extend(parsed.rules);
                collection.correlations.extend(parsed.correlations);
            }
            Err(error) => refused.push(format!("{}: {error}", file.display())),
        }
    }
    let build = |refused: &mut Vec<String>| {
        let mut engine = Engine::new();
        for (index, error) in engine.add_rules(&collection.rules) {
            refused.push(format!("{}: {error}", collection.rules[index].title));
        }
        if mode == "routed" {
            engine.set_logsource_extractor(Some(LogSourceExtractor::new()));
        }
        engine
    };
    let mut engine = build(&mut refused);
    let load_ms = (cpu_us() - begun) / 1e3;

    let text = fs::read_to_string(events).expect("events");
    let lines: Vec<&str> = text.lines().collect();
    let mut figures = Vec::new();
    let mut matches = 0;
    for pass in 0..passes {
        if mode == "correlation" {
            let (figure, found) = correlate(&collection, &lines);
            figures.push(figure);
            matches = found;
            continue;
        }
        if pass > 0 {
            engine = build(&mut Vec::new());
        }
        matches = 0;
        let (mut parse_us, mut match_us) = (0.0, 0.0);
        for chunk in lines.chunks(CHUNK) {
            let begun = cpu_us();
            let values: Vec<Value> = chunk.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
            let parsed = cpu_us();
            for value in &values {
                matches += black_box(engine.evaluate(&JsonEvent::borrow(value))).len();
            }
            let matched = cpu_us();
            drop(values);
            match_us += matched - parsed;
            parse_us += parsed - begun + cpu_us() - matched;
        }
        let events = lines.len() as f64;
        figures.push(json!({ "parseUs": parse_us / events, "matchUs": match_us / events }));
    }

    if let Some(path) = args.get(5) {
        let mut out = std::io::BufWriter::new(fs::File::create(path).expect("a file for matches"));
        for (index, line) in lines.iter().enumerate() {
            let value: Value = serde_json::from_str(line).expect("JSON");
            let ids: Vec<String> = engine.evaluate(&JsonEvent::borrow(&value)).iter().map(id_of).collect();
            if !ids.is_empty() {
                writeln!(out, "{}", json!({ "event": index, "rules": ids })).expect("written");
            }
        }
    }
    println!(
        "{}",
        json!({
            "rules": engine.rule_count(),
            "ids": collection.rules.iter().filter_map(|rule| rule.id.clone()).collect::<Vec<_>>(),
            "refused": refused,
            "loadMs": load_ms,
            "events": lines.len(),
            "matches": matches,
            "passes": figures,
        })
    );
}

/// One pass over events parsed beforehand, with a new correlation engine whose groups start anew once they have fired.
fn correlate(collection: &SigmaCollection, lines: &[&str]) -> (Value, usize) {
    let mut engine = CorrelationEngine::new(CorrelationConfig {
        action_on_match: CorrelationAction::Reset,
        emit_detections: false,
        ..CorrelationConfig::default()
    });
    engine.add_collection(collection).expect("correlations");
    let values: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let mut found = 0;
    let begun = cpu_us();
    for (index, value) in values.iter().enumerate() {
        let at = EPOCH_SECONDS + (index / EVENTS_PER_SECOND) as i64;
        let results = black_box(engine.process_event_at(&JsonEvent::borrow(value), at));
        found += results.iter().filter(|result| result.is_correlation()).count();
    }
    let match_us = (cpu_us() - begun) / lines.len() as f64;
    (json!({ "parseUs": 0, "matchUs": match_us }), found)
}
