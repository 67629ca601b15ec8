//! How often something has to go wrong before an alarm tells: often enough not to wake anybody for
//! what heals, and not so often that a failure which comes slowly is never told.

use super::alarms::alarm_on_errors;
use super::reading::{of_type, secs, template, value};
use holdfast_domain::time::Span;
use serde_json::Value;

/// An alarm that tells when this many of so many periods, each so long, are bad.
struct Window {
    period: Span,
    bad: u64,
    periods: u64,
}

impl Window {
    fn of(alarm: &Value) -> Self {
        let number = |name: &str| alarm[name].as_u64();
        let periods = number("EvaluationPeriods").expect("periods");
        let bad = number("DatapointsToAlarm").unwrap_or(periods);
        Self { period: Span::from_secs(number("Period").expect("a period")), bad, periods }
    }

    /// Whether it tells of what happens again and again, so far apart.
    fn tells_of_every(&self, gap: Span) -> bool {
        let (gap, period) = (gap.secs_up(), self.period.secs_up());
        // Closer together than a period, it is in each of them; wider apart, in one for each time.
        gap < period || (self.bad - 1) * gap + period <= self.periods * period
    }
}

#[test]
fn what_comes_once_is_told_of_by_an_alarm_that_asks_for_one() {
    let (minute, hour) = (Span::from_mins(1), Span::from_mins(60));
    let once = Window { period: minute, bad: 1, periods: 1 };
    assert!(once.tells_of_every(hour));
    let thrice = Window { period: minute, bad: 3, periods: 5 };
    assert!(thrice.tells_of_every(minute) && thrice.tells_of_every(Span::from_mins(2)));
    assert!(!thrice.tells_of_every(Span::from_mins(3)));
}

/// A ticket comes again when its visibility is over. The only one in the queue has to be enough: the
/// age of the oldest leaves out what was received three times.
#[test]
fn a_processor_that_never_starts_is_told_of_by_a_single_ticket() {
    let template = template();
    let alarm = alarm_on_errors(&template, "ProcessorFunction").expect("an alarm");
    let visibility = secs(&template, "/Resources/Queue/Properties/VisibilityTimeout");
    let most = |name: &str| template["Parameters"][name]["MaxValue"].as_u64().expect("a number");
    let longest = Span::from_secs(6 * most("ProcessorTimeoutSecs") + most("BatchingWindowSecs"));
    let window = Window::of(alarm);
    assert!(window.bad > 1, "a crash that heals wakes somebody");
    assert!(window.tells_of_every(visibility));
    assert!(window.tells_of_every(longest), "{longest:?}, which the longest time-out asks for");
    assert_eq!((alarm["Statistic"].as_str(), alarm["Threshold"].as_u64()), (Some("Sum"), Some(0)));
    let receives = &template["Parameters"]["MaxReceiveCount"]["Default"];
    assert!(window.bad < receives.as_u64().expect("a number"), "the ticket is given up before");
}

/// Bodies are renewed by runs an hour apart, and polls may be as far apart.
#[test]
fn a_run_that_fails_every_hour_is_told_of() {
    let template = template();
    let alarm = alarm_on_errors(&template, "ReconcilerFunction").expect("an alarm");
    let rate = &template["Resources"]["RenewSchedule"]["Properties"]["ScheduleExpression"];
    assert_eq!(rate, "rate(1 hour)");
    let window = Window::of(alarm);
    assert!(window.bad > 1, "a run that the next one makes up for wakes somebody");
    assert!(window.tells_of_every(Span::from_mins(60)));
    assert_eq!((alarm["Statistic"].as_str(), alarm["Threshold"].as_u64()), (Some("Sum"), Some(0)));
}

/// A source that is asked every hour, and throttled now and then, is as it should be; one that got
/// nowhere for six hours is not.
#[test]
fn an_hourly_poll_is_no_alarm_and_a_poll_without_progress_is_one() {
    let template = template();
    let alarms = of_type(&template, "AWS::CloudWatch::Alarm");
    let mut polls =
        alarms.into_iter().filter(|(_, alarm)| alarm["Properties"]["MetricName"] == "PollLag");
    let (name, alarm) = polls.next().expect("an alarm on the lag of polls");
    let threshold = value(&template, &format!("/Resources/{name}/Properties/Threshold"));
    let threshold = threshold.as_u64().expect("seconds");
    let hourly = 2 * 3600 + 600 + 60;
    assert!((hourly..=6 * 3600).contains(&threshold), "{threshold} s");
    let properties = &alarm["Properties"];
    assert_eq!(properties["Statistic"], "Maximum", "the worst of all sources");
    // A provider that asks to come later is asked again after an hour at most.
    assert!(Window::of(properties).period > Span::from_mins(61));
}
