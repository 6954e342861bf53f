using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Policies;

public sealed class SafetyMonitorTests
{
    private static readonly float[] Observations = [0, 0, 0, 0, 0, 0], State = [0.5f, -1, 2], JointAction = [0.25f, -0.5f, 1, 1]; // a certificate of -16

    [Test]
    public void Watch_BelowTheThreshold_RaisesAnEventForEachAgentAndCallsTheFallback()
    {
        var events = new List<PredictedViolation>();
        var monitor = new SafetyMonitor(CertifiedPolicies.ForSharedBoxes().WithThreshold(-15), (violation, observations, state, action) =>
        {
            Assert.That((observations.Length, state.Length), Is.EqualTo((6, 3)));
            action.Fill((float)violation.Certificate);
        });
        monitor.ViolationPredicted += (_, violation) => events.Add(violation);
        float[] action = [.. JointAction];
        bool predicted = monitor.Watch(Observations, State, action);

        Assert.Multiple(() =>
        {
            Assert.That(predicted, Is.True);
            Assert.That(events.Select(e => (e.Agent, e.Cost, e.Threshold)), Is.EqualTo(new[] { ("left", "far", -15.0), ("right", "far", -15.0) }));
            Assert.That(events.Select(e => e.Certificate), Is.All.EqualTo(-16).Within(1e-4));
            Assert.That(action, Is.All.EqualTo(-16).Within(1e-4), "the fallback's action");
        });
    }

    [Test]
    public void Watch_AboveTheThreshold_IsQuietAndAllocatesNothing()
    {
        int calls = 0;
        var monitor = new SafetyMonitor(CertifiedPolicies.ForSharedBoxes().WithThreshold(-17), (_, _, _, _) => calls++);
        monitor.ViolationPredicted += (_, _) => calls++;
        float[] action = [.. JointAction];
        monitor.Watch(Observations, State, action);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool predicted = false;
        for (int i = 0; i < 100; i++)
        {
            predicted |= monitor.Watch(Observations, State, action);
            predicted |= monitor.Act(Observations, State, default, action);
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That((predicted, calls, allocated), Is.EqualTo((false, 0, 0L)));
    }

    [Test]
    public void Act_TakesThePolicysLikeliestActions()
    {
        var monitor = new SafetyMonitor(CertifiedPolicies.ForSharedBoxes().WithThreshold(-100));
        float[] action = [9, 9, 9, 9];
        monitor.Act(Observations, State, default, action);

        Assert.That(action, Is.EqualTo(new float[4]), "these agents stand still");
    }

    [Test]
    public void Watch_OfCertificatesOfObservations_NeedsNoState()
    {
        var monitor = new SafetyMonitor(CertifiedPolicies.ForSharedBoxes(looksAtState: false).WithThreshold(-15));
        float[] observations = [0, 0, 0, .. State], action = [.. JointAction];
        var events = new List<string>();
        monitor.ViolationPredicted += (_, violation) => events.Add(violation.Agent);
        monitor.Watch(observations, default, action);

        Assert.That(events, Is.EqualTo(new[] { "right" }), "only the right agent observes what is dangerous");
    }

    [Test]
    public void Monitor_OfAPolicyThatWasNeverCalibrated_SaysHow() =>
        Assert.That(() => new SafetyMonitor(CertifiedPolicies.ForSharedBoxes()), Throws.TypeOf<SafeMarlException>().With.Message.Contains("'left'").And.Message.Contains("CalibrateCertificates"));

    [Test]
    public void Monitor_OfAPolicyWithoutCertificates_SaysWhoLearnsThem() =>
        Assert.That(() => new SafetyMonitor(TestPolicies.Box(3, 2)), Throws.TypeOf<SafeMarlException>().With.Message.Contains("Mas3ac"));

    [TestCase(5, 3, 4, "6 numbers; got 5")]
    [TestCase(6, 2, 4, "state of 3 numbers; got 2")]
    [TestCase(6, 3, 3, "joint action has 4 numbers; got 3")]
    public void Watch_WithTheWrongLengths_SaysBoth(int observations, int state, int action, string message)
    {
        var monitor = new SafetyMonitor(CertifiedPolicies.ForSharedBoxes().WithThreshold(-15));

        Assert.That(() => monitor.Watch(new float[observations], new float[state], new float[action]), Throws.ArgumentException.With.Message.Contains(message));
    }

    [Test]
    public void Act_WithMasksThatNobodyNeeds_LooksAtNone()
    {
        var monitor = new SafetyMonitor(CertifiedPolicies.ForSharedBoxes().WithThreshold(-15));
        bool predicted = monitor.Act(Observations, State, masks: [1, 1], new float[4]);

        Assert.That(predicted, Is.False);
    }
}
