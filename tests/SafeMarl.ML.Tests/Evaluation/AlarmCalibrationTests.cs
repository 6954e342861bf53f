using SafeMarl.Environments;
using SafeMarl.ML.Evaluation;

namespace SafeMarl.ML.Tests.Evaluation;

public sealed class AlarmCalibrationTests
{
    [Test]
    public void Calibrate_OnViolatingEpisodes_TakesTheScoreOfTheConformalRank()
    {
        // Nine episodes whose certificate dips to -1, -2, ... -9 in the step before their violation: the hardest to foresee dips to -1.
        CertifiedEpisode[] episodes = [.. Enumerable.Range(1, 9).Select(depth => new CertifiedEpisode([0, 0, -depth, -20], [0, 0, 0, 1]))];
        AlarmThreshold eighty = AlarmCalibration.Calibrate("gap", episodes, missRate: 0.2, falseAlarmRate: 0.05, lead: 2), ninety = AlarmCalibration.Calibrate("gap", episodes, 0.1, 0.05, 2);

        Assert.Multiple(() =>
        {
            // ceil(10 * 0.8) = 8th smallest of -9, ..., -1 is -2: an alarm is at or below it; ceil(10 * 0.9) = 9th is -1.
            Assert.That(eighty.Threshold, Is.EqualTo(-2).Within(1e-12).And.GreaterThan(-2));
            Assert.That((eighty.Rule, eighty.Rate, eighty.Cost, eighty.LeadSteps, eighty.Episodes, eighty.ViolatingEpisodes), Is.EqualTo((AlarmRule.BoundsMisses, 0.2, "gap", 2, 9, 9)));
            Assert.That(eighty.ForeseenRate, Is.EqualTo(8.0 / 9).Within(1e-12), "all but the one that dips to -1");
            Assert.That(ninety.Threshold, Is.EqualTo(-1).Within(1e-12));
            Assert.That(ninety.ForeseenRate, Is.EqualTo(1));
            Assert.That(ninety.FalseAlarmRate, Is.Zero, "with a lead of 2 only the first step of an episode is quiet");
        });
    }

    [Test]
    public void Calibrate_WithSeveralViolationsInAnEpisode_CountsTheHardest()
    {
        CertifiedEpisode episode = new([-3, 0, 0, -1, 0], [0, 1, 0, 0, 1]);
        AlarmThreshold alarm = AlarmCalibration.Calibrate("gap", [.. Enumerable.Repeat(episode, 9)], 0.1, 0.05, lead: 1);

        Assert.That(alarm.Threshold, Is.EqualTo(-1).Within(1e-12));
        Assert.That(alarm.ForeseenRate, Is.EqualTo(1));
    }

    [Test]
    public void Calibrate_WithTooFewViolations_BoundsFalseAlarmsInstead()
    {
        // 39 safe episodes with minima -1 to -39, and one with a violation: a miss rate of 0.1 needs nine.
        CertifiedEpisode[] episodes = [.. Enumerable.Range(1, 39).Select(depth => new CertifiedEpisode([0, -depth, 0], [0, 0, 0])), new([0, -100, -100], [0, 0, 1])];
        AlarmThreshold alarm = AlarmCalibration.Calibrate("gap", episodes, 0.1, falseAlarmRate: 0.05, lead: 1);

        Assert.Multiple(() =>
        {
            Assert.That(alarm.Rule, Is.EqualTo(AlarmRule.BoundsFalseAlarms));
            Assert.That(alarm.Rate, Is.EqualTo(0.05));
            // floor(40 * 0.05) = 2nd smallest minimum: one safe episode is below it.
            Assert.That(alarm.Threshold, Is.EqualTo(-38));
            Assert.That(alarm.ViolatingEpisodes, Is.EqualTo(1));
            Assert.That(alarm.ForeseenRate, Is.EqualTo(1));
        });
    }

    [Test]
    public void Calibrate_WithNothingButFewSafeEpisodes_StaysBelowAllThatWasSeen()
    {
        CertifiedEpisode[] episodes = [new([-5, -2], [0, 0]), new([-4, -1], [0, 0])];
        AlarmThreshold alarm = AlarmCalibration.Calibrate("gap", episodes, 0.1, 0.05, lead: 1);

        Assert.That(alarm.Threshold, Is.LessThan(-5).And.EqualTo(-5).Within(1e-12));
        Assert.That((alarm.ForeseenRate, alarm.FalseAlarmRate), Is.EqualTo((1.0, 0.0)), "nothing to foresee, and no alarm");
    }

    /// <summary>The promise itself, on fresh episodes: of those with violations, at most the miss rate come without an alarm, on average over calibrations.</summary>
    [Test]
    public void Threshold_OnFreshEpisodes_KeepsItsPromise()
    {
        var random = new RandomStream(1);
        double missed = 0;
        const int calibrations = 400, fresh = 50;
        for (int i = 0; i < calibrations; i++)
        {
            AlarmThreshold alarm = AlarmCalibration.Calibrate("gap", Episodes(30), 0.1, 0.05, lead: 2);
            missed += Episodes(fresh).Count(e => Math.Min(e.Certificate[1], e.Certificate[2]) >= alarm.Threshold);
        }

        // k / (n + 1) = 28 / 31: the rank is rounded up.
        Assert.That(missed / (calibrations * fresh), Is.EqualTo(1 - 28.0 / 31).Within(0.01).And.LessThan(0.11));

        CertifiedEpisode[] Episodes(int count)
        {
            var episodes = new CertifiedEpisode[count];
            for (int i = 0; i < count; i++)
                episodes[i] = new CertifiedEpisode([random.NextGaussian(), random.NextGaussian(), random.NextGaussian(), -9], [0, 0, 0, 1]);
            return episodes;
        }
    }
}
