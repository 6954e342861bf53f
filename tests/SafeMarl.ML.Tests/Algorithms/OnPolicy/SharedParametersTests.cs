using Microsoft.ML;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Algorithms.OnPolicy;

/// <summary>Every algorithm of rollouts with one policy for all agents.</summary>
public sealed class SharedParametersTests
{
    private static IEnumerable<TestCaseData> Algorithms() => TrainerInfo.All.Where(a => a.CreateOptions() is OnPolicyOptions).Select(a => new TestCaseData(a).SetArgDisplayNames(a.Name));

    private static IEnumerable<TestCaseData> Cases() =>
        from info in TrainerInfo.All
        where info.CreateOptions() is OnPolicyOptions
        from kind in new[] { ToyEnvironment.Kind.SharedBoxes, ToyEnvironment.Kind.MaskedChoices }
        select new TestCaseData(info, kind).SetArgDisplayNames(info.Name, kind.ToString());

    [TestCaseSource(nameof(Cases))]
    public void Fit_SharingParameters_GivesAlikeAgentsOnePolicyWhateverTheThreads(object info, object kind)
    {
        Policy one = Fit((TrainerInfo)info, (ToyEnvironment.Kind)kind, threads: 1), two = Fit((TrainerInfo)info, (ToyEnvironment.Kind)kind, threads: 2);
        float[] observation = [.. Enumerable.Range(0, one.Agents[0].ObservationSize).Select(i => 0.1f * i)], first = new float[one.Agents[0].ActionSpace.Size], last = new float[first.Length];
        float[] mask = one.Agents[0].ActionSpace.IsMasked ? [.. Enumerable.Repeat(1f, one.Agents[0].ActionSpace.Count)] : [];
        one.Agents[0].Act(observation, mask, first);
        one.Agents[^1].Act(observation, mask, last);

        Assert.That(PolicyHash.Of(two), Is.EqualTo(PolicyHash.Of(one)));
        Assert.That(last, Is.EqualTo(first));
    }

    [TestCaseSource(nameof(Algorithms))]
    public void Fit_SharingParametersOfUnequalAgents_NamesTwoThatDiffer(object info) =>
        Assert.That(() => Fit((TrainerInfo)info, ToyEnvironment.Kind.Mixed, threads: 1), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("mover").And.Message.Contains("chooser"));

    private static Policy Fit(TrainerInfo info, ToyEnvironment.Kind kind, int threads)
    {
        var options = (OnPolicyOptions)info.CreateOptions();
        (options.TotalSteps, options.Seed, options.WorkerThreads, options.Device, options.ShareParameters) = (90, 1, threads, "cpu", true);
        (options.Environments, options.RolloutSteps, options.HiddenSize) = (5, 9, 8);
        options.GetType().GetProperty("CostLimit")?.SetValue(options, 2.0);
        return info.Create(new MLContext(1), options).Fit(() => new ToyEnvironment(kind)).Policy;
    }
}
