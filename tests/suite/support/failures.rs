//! A call that failed is taught.

use serde_json::Value;

use super::Run;

/// The failure of a run that ended with it: in the events, and in words on
/// stderr.
pub fn taught(run: &Run, call: &str, errno: &str) -> Value {
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(run.only("end")["status"], "failed");
    let failure = run.only("failure");
    assert_eq!(failure["call"], call);
    assert_eq!(failure["errno"], errno);
    let actor = failure["task"].as_str().unwrap();
    let exit = run.exits(actor, call).pop().unwrap();
    assert_eq!(exit["ret"], -1);
    assert_eq!(exit["errno"], errno);
    let mut entered = run.all("enter");
    entered.retain(|enter| enter["call"] == call);
    assert_eq!(failure["args"], entered.pop().unwrap()["args"]);
    let meaning = failure["meaning"].as_str().unwrap();
    let advice = failure["advice"].as_array().unwrap();
    assert!(!meaning.is_empty() && !advice.is_empty());
    let said = one_line(&run.stderr);
    assert!(said.contains(&format!("failed: {call}(")), "{said}");
    assert!(said.contains(errno), "{said}");
    assert!(said.contains(meaning), "{said}");
    for line in advice {
        assert!(said.contains(line.as_str().unwrap()), "{line}: {said}");
    }
    failure
}

/// Text without its line breaks.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One of the texts says so.
pub fn says(texts: &Value, wanted: &str) {
    let found = texts.as_array().unwrap().iter();
    let mut found = found.filter(|text| text.as_str().unwrap().contains(wanted));
    assert!(found.next().is_some(), "{wanted}: {texts}");
}
