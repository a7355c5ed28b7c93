//! A check in the forms that graders read: Gradescope's results.json, JUnit's XML.

use serde::Serialize;

use super::check::points;
use super::clean::{clean, clean_lines};
use crate::model::{Judged, Remark};

/// Gradescope's results.json: one test a goal.
#[derive(Serialize)]
struct Results {
    score: u32,
    output: String,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    score: u32,
    max_score: u32,
    name: String,
    output: String,
    status: &'static str,
}

/// What Gradescope reads: autograder_results in its documentation.
pub(crate) fn gradescope(goals: &[Judged], faults: &[Remark]) -> String {
    let test = |goal: &Judged| Test {
        score: if goal.met { goal.points } else { 0 },
        max_score: goal.points,
        name: format!("{}: {}", goal.id, goal.title),
        output: output(goal),
        status: if goal.met { "passed" } else { "failed" },
    };
    let results = Results {
        score: points(goals).0,
        output: clean_lines(&said_of(faults)),
        tests: goals.iter().map(test).collect(),
    };
    // Every key is a string and every value finite: this cannot fail.
    serde_json::to_string_pretty(&results).unwrap_or_default() + "\n"
}

/// JUnit's XML: a test case a goal.
pub(crate) fn junit(goals: &[Judged], faults: &[Remark]) -> String {
    let missed = goals.iter().filter(|goal| !goal.met).count();
    let seconds = |ms: u64| format!("{}.{:03}", ms / 1000, ms % 1000);
    let all = goals.iter().map(|goal| goal.took_ms).sum();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites tests=\"{0}\" failures=\"{missed}\" time=\"{1}\">\n\
         <testsuite name=\"socklab\" tests=\"{0}\" failures=\"{missed}\" time=\"{1}\">\n",
        goals.len(),
        seconds(all)
    );
    for goal in goals {
        let side = goal.side.word();
        let name = escaped(&format!("{}: {}", goal.id, goal.title));
        let time = seconds(goal.took_ms);
        xml += &format!("<testcase classname=\"socklab.{side}\" name=\"{name}\" time=\"{time}\"");
        if goal.met {
            xml += "/>\n";
        } else {
            let first = goal.instead.first().map_or("", String::as_str);
            let (first, whole) = (escaped(first), escaped(&output(goal)));
            xml += &format!(">\n<failure message=\"{first}\">{whole}</failure>\n</testcase>\n");
        }
    }
    let said = escaped(&said_of(faults));
    xml + &format!("<system-out>{said}</system-out>\n</testsuite>\n</testsuites>\n")
}

fn output(goal: &Judged) -> String {
    let mut lines = if goal.met {
        goal.evidence.clone()
    } else {
        goal.instead.clone()
    };
    if !goal.hint.is_empty() {
        lines.push(goal.hint.clone());
        lines.push(format!("socklab read {}", goal.read));
    }
    clean_lines(&lines.join("\n"))
}

fn said_of(faults: &[Remark]) -> String {
    let said = faults.iter().map(|fault| {
        let evidence = fault.evidence.join("\n  ");
        let Remark {
            id,
            title,
            means,
            advice,
            ..
        } = fault;
        format!("{id}: {title}\n  {evidence}\n  {means}\n  {advice}\n")
    });
    said.collect()
}

/// Text in XML 1.0, which has no other control characters than these.
fn escaped(text: &str) -> String {
    let lines = text.lines().map(clean);
    let text = lines.collect::<Vec<_>>().join("\n");
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
