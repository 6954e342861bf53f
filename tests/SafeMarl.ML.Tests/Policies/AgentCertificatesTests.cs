using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Policies;

public sealed class AgentCertificatesTests
{
    private static readonly float[] State = [0.5f, -1, 2], JointAction = [0.25f, -0.5f, 1, 3]; // the box is [-1, 1]; 3 acts as 1

    [Test]
    public void Safety_OfTheState_IsTheNetworkOfStateAndActions()
    {
        AgentCertificates certificates = CertifiedPolicies.ForSharedBoxes().Agents[1].Certificates!;
        var values = new float[1];
        certificates.Safety(State, JointAction, values);

        // 1 * 0.5 - 2 * 1 + 3 * 2 + 4 * 0.25 - 5 * 0.5 + 6 * 1 + 7 * 1
        Assert.That(values[0], Is.EqualTo(-16).Within(1e-5));
        Assert.That((certificates.LooksAtState, certificates.ViewSize, certificates.JointActionSize, certificates.HasStability), Is.EqualTo((true, 3, 4, true)));
    }

    [Test]
    public void Safety_OfAReachabilityCertificate_IsMinusWhatTheNetworkSays()
    {
        var values = new float[1];
        CertifiedPolicies.ForSharedBoxes(kind: SafetyCertificateKind.Reachability).Agents[0].Certificates!.Safety(State, JointAction, values);

        Assert.That(values[0], Is.EqualTo(-16).Within(1e-5));
    }

    [Test]
    public void Stability_LooksAtTheOwnStateAndTheOwnAction()
    {
        Policy policy = CertifiedPolicies.ForSharedBoxes();
        float[] observation = [0.5f, 9, 9];

        Assert.That(policy.Agents[0].Certificates!.Stability(observation, State, JointAction), Is.EqualTo(0.5 + 2 * 0.25 - 3 * 0.5 < 0 ? 0 : 99), "relu of 1 * 0.5 + 2 * 0.25 - 3 * 0.5");
        Assert.That(policy.Agents[1].Certificates!.Stability(observation, State, JointAction), Is.EqualTo(0.5 + 2 + 3).Within(1e-5));
    }

    [TestCase(2, 4, "state of 3 numbers; got 2")]
    [TestCase(3, 5, "joint action has 4 numbers; got 5")]
    public void Safety_WithTheWrongLengths_SaysBoth(int state, int action, string message) =>
        Assert.That(() => CertifiedPolicies.ForSharedBoxes().Agents[0].Certificates!.Safety(new float[state], new float[action], new float[1]), Throws.ArgumentException.With.Message.Contains(message));

    [Test]
    public void Certificates_DoNotAllocate()
    {
        AgentCertificates certificates = CertifiedPolicies.ForSharedBoxes().Agents[0].Certificates!;
        var values = new float[1];
        Ask();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Ask();

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Ask()
        {
            certificates.Safety(State, JointAction, values);
            certificates.Stability(State, State, JointAction);
        }
    }

    [Test]
    public void Save_OfAPolicyWithCertificates_KeepsThemAndTheirAlarms()
    {
        using var memory = new MemoryStream();
        CertifiedPolicies.ForSharedBoxes().WithThreshold(-3).Save(memory);
        memory.Position = 0;
        Policy loaded = Policy.Load(memory);
        var values = new float[1];
        loaded.Agents[1].Certificates!.Safety(State, JointAction, values);

        Assert.That(values[0], Is.EqualTo(-16).Within(1e-5));
        Assert.That(loaded.Agents[0].Certificates!.Alarms, Is.EqualTo(new[] { new AlarmThreshold("far", -3, AlarmRule.BoundsMisses, 0.1, 10, 100, 50, 0.95, 0.02) }));
    }

    [TestCase("\"Safety\":[1]", "\"Safety\":[9]")]
    [TestCase("\"Safety\":[1]", "\"Safety\":[]")]
    [TestCase("\"Stability\":2", "\"Stability\":0")]
    [TestCase("\"ViewSize\":3", "\"ViewSize\":30")]
    [TestCase("\"JointActionSize\":4", "\"JointActionSize\":3")]
    [TestCase("\"OwnState\":[0]", "\"OwnState\":[3]")]
    [TestCase("\"OwnAction\":0", "\"OwnAction\":2")]
    [TestCase("\"Offset\":2", "\"Offset\":-2")]
    [TestCase("\"Kind\":\"Barrier\"", "\"Kind\":\"Wish\"")]
    [TestCase("\"Gamma\":0.9", "\"Gamma\":1.9")]
    public void Load_OfCertificatesThatCannotBe_IsRefused(string from, string to)
    {
        byte[] bytes = PolicyBytes.Rewrite(CertifiedPolicies.ForSharedBoxes(), from, to);

        Assert.That(() => Policy.Load(new MemoryStream(bytes)), Throws.TypeOf<CorruptFileException>());
    }
}
