//! The library sigma-rust in a process of its own: every rule in turn on every event. It has no log source routing, so
//! `routed` tries the rules whose log source does not contradict the event's `product`, `category` and `service`, as a
//! caller would. Arguments: folder of rules, file of events (one JSON object a line), mode (`default` or `routed`), passes,
//! and optionally a file for the rules that each event matched.

use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sigma_rust::{Event, Rule, event_from_json, rule_from_yaml};

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

type Source = [Option<String>; 3];

fn contradicts(rule: &Rule, event: &Source) -> bool {
    let own = [&rule.logsource.product, &rule.logsource.category, &rule.logsource.service];
    own.iter().zip(event).any(|(wanted, actual)| match (wanted, actual) {
        (Some(wanted), Some(actual)) => !wanted.eq_ignore_ascii_case(actual),
        _ => false,
    })
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (folder, events, mode, passes) = (&args[1], &args[2], args[3].as_str(), args[4].parse::<usize>().unwrap());

    let begun = cpu_us();
    let mut files = Vec::new();
    rule_files(Path::new(folder), &mut files);
    let mut rules: Vec<Rule> = Vec::new();
    let mut refused = Vec::new();
    for file in &files {
        match rule_from_yaml(&fs::read_to_string(file).expect("a rule")) {
            Ok(rule) => rules.push(rule),
            Err(error) => refused.push(format!("{}: {error}", file.display())),
        }
    }
    let load_ms = (cpu_us() - begun) / 1e3;

    let text = fs::read_to_string(events).expect("events");
    let lines: Vec<&str> = text.lines().collect();
    let source_of = |line: &str| -> Source {
        let value: Value = serde_json::from_str(line).expect("JSON");
        ["product", "category", "service"].map(|key| value[key].as_str().map(str::to_lowercase))
    };
    // Which rules are tried is looked up outside the time that is measured: a caller's table, not the library's work.
    let sources: Vec<Source> =
        if mode == "routed" { lines.iter().map(|line| source_of(line)).collect() } else { vec![] };
    let mut tables: HashMap<&Source, Vec<&Rule>> = HashMap::new();
    for source in &sources {
        tables
            .entry(source)
            .or_insert_with(|| rules.iter().filter(|rule| !contradicts(rule, source)).collect());
    }
    let every: Vec<&Rule> = rules.iter().collect();
    let tried = |index: usize| sources.get(index).map_or(&every, |source| &tables[source]);

    let mut figures = Vec::new();
    let mut matches = 0;
    for _ in 0..passes {
        matches = 0;
        let (mut parse_us, mut match_us) = (0.0, 0.0);
        for (index, line) in lines.iter().enumerate() {
            let begun = cpu_us();
            let event: Event = event_from_json(line).expect("JSON");
            let parsed = cpu_us();
            matches += tried(index).iter().filter(|rule| black_box(rule.is_match(&event))).count();
            let matched = cpu_us();
            drop(event);
            match_us += matched - parsed;
            parse_us += parsed - begun + cpu_us() - matched;
        }
        let events = lines.len() as f64;
        figures.push(json!({ "parseUs": parse_us / events, "matchUs": match_us / events }));
    }

    if let Some(path) = args.get(5) {
        let mut out = std::io::BufWriter::new(fs::File::create(path).expect("a file for matches"));
        for (index, line) in lines.iter().enumerate() {
            let event: Event = event_from_json(line).expect("JSON");
            let ids: Vec<&str> = tried(index)
                .iter()
                .filter(|rule| rule.is_match(&event))
                .map(|rule| rule.id.as_deref().unwrap_or(&rule.title))
                .collect();
            if !ids.is_empty() {
                writeln!(out, "{}", json!({ "event": index, "rules": ids })).expect("written");
            }
        }
    }
    println!(
        "{}",
        json!({
            "rules": rules.len(),
            "ids": rules.iter().filter_map(|rule| rule.id.clone()).collect::<Vec<_>>(),
            "refused": refused,
            "loadMs": load_ms,
            "events": lines.len(),
            "matches": matches,
            "passes": figures,
        })
    );
}
