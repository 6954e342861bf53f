using SafeMarl.ML.Training;

namespace SafeMarl.ML.Tests.Training;

public sealed class UpdateScheduleTests
{
    [Test]
    public void Updates_OfTheDefaults_AreOneForTwentyStepsAfterTheWarmup()
    {
        var schedule = new UpdateSchedule(new HasacOptions { TotalSteps = 30_500 });

        Assert.Multiple(() =>
        {
            Assert.That(schedule.StepsPerIteration, Is.EqualTo(1000));
            Assert.That(new long[] { 0, 10_000, 11_000, 12_000 }.Select(schedule.UpdatesAt), Is.EqualTo(new long[] { 0, 0, 50, 100 }));
            Assert.That(schedule.Total, Is.EqualTo((31_000 - 10_000) / 20), "whole iterations are taken");
            Assert.That(schedule.IsWarmup(9_999), Is.True);
            Assert.That(schedule.IsWarmup(10_000), Is.False);
        });
    }

    [Test]
    public void Updates_WithoutAWarmup_WaitForTheFirstIteration()
    {
        var schedule = new UpdateSchedule(new MasacOptions { TotalSteps = 100, WarmupSteps = 0, Environments = 2, RolloutSteps = 5, UpdatesPerStep = 0.25 });

        Assert.That(new long[] { 10, 20, 30, 40 }.Select(schedule.UpdatesAt), Is.EqualTo(new long[] { 0, 2, 5, 7 }), "fractions add up");
        Assert.That(schedule.IsWarmup(0), Is.False);
    }
}
