using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;
using SafeMarl.ML.Training;
using static SafeMarl.ML.Tests.Support.ToyEnvironment;

namespace SafeMarl.ML.Tests.Training;

/// <summary>
/// From environments to advantages, against the same episodes played step by step: a truncated step must be worth what its own last state is
/// worth, not the first state of the episode after it, and a terminated one nothing more.
/// </summary>
public sealed class CollectorTests
{
    private const int Environments = 3, Steps = 8, EpisodeLength = 3;
    private const double Gamma = 0.9, Lambda = 0.8;
    private const long Seed = 5;

    private sealed record Played(float Reward, bool Ended, bool Terminated, float[] State, float[] NextState);

    private static readonly int[] s_seen = [0, 1];

    [TestCase(Kind.SharedBoxes, false)]
    [TestCase(Kind.MaskedChoices, false)]
    [TestCase(Kind.SharedBoxes, true)]
    [TestCase(Kind.Mixed, true)]
    public void Advantages_OfARollout_AreThoseOfTheEpisodesPlayedStepByStep(object kind, bool neighborhoods)
    {
        using var vector = new VectorEnvironment(() => new ToyEnvironment((Kind)kind, EpisodeLength), Environments, 2);
        vector.Reset(Seed);
        TaskShape shape = TaskShapes.Of(vector.Spec);
        var buffer = new RolloutBuffer(shape, Steps, Environments);
        var collector = new Collector(vector, new RolloutWriter(buffer, vector.Spec), seed: 1);
        using var actors = new Actors(shape, new ActorSettings(8, 1, Activation.Tanh, false, false, StdParameterization.Sigmoid, 1e-3, 1e-5, 10, Share: false), 1, Placement.Parse("cpu"));
        var settings = new CriticSettings(new NetworkShape(shape.StateSize, 1, 8, 1, Activation.Tanh, false, false), 1e-3, 1e-5, 10, 1, 8, NormalizeValues: false);
        using var signals = new Signals(shape, withCosts: false, settings, seed: 2, Placement.Parse("cpu"), neighborhoods ? agent => agent == 0 ? s_seen : [agent] : null);

        OnPolicyBatch batch = OnPolicyLoop.Collect(collector, buffer, actors.Policy, iteration: 0, steps: 0);
        foreach (TorchSharp.torch.Tensor seen in signals.Estimate(batch, Gamma, Lambda, threads: 1))
            seen.Dispose();

        for (int e = 0; e < Environments; e++)
        {
            Played[] played = [.. Replay((Kind)kind, batch, e, neighborhoods ? s_seen : null)];
            double advantage = 0;
            for (int t = Steps - 1; t >= 0; t--)
            {
                Played step = played[t];
                double next = step.Terminated ? 0 : Value(step.NextState);
                double delta = step.Reward + Gamma * next - Value(step.State);
                advantage = step.Ended ? delta : delta + Gamma * Lambda * advantage;
                Assert.That(signals.Reward(0).Advantages[t * Environments + e], Is.EqualTo(advantage).Within(1e-5), $"step {t} of environment {e}");
            }
            Assert.That(played.Count(p => p.Ended), Is.EqualTo(Steps / EpisodeLength), "the case has endings");
        }

        double Value(float[] state)
        {
            using TorchSharp.torch.Tensor input = Placement.Parse("cpu").Tensor(state, 1, state.Length);
            return signals.Reward(0).Critic.Predict(input)[0];
        }
    }

    [Test]
    public void Episodes_OfARollout_AreThoseThatEndedInIt()
    {
        using var vector = new VectorEnvironment(() => new ToyEnvironment(Kind.SharedBoxes, EpisodeLength), Environments, 2);
        vector.Reset(Seed);
        TaskShape shape = TaskShapes.Of(vector.Spec);
        var buffer = new RolloutBuffer(shape, 2, Environments);
        var collector = new Collector(vector, new RolloutWriter(buffer, vector.Spec), seed: 1);
        using var actors = new Actors(shape, new ActorSettings(8, 1, Activation.Tanh, false, false, StdParameterization.Sigmoid, 1e-3, 1e-5, 10, Share: false), 1, Placement.Parse("cpu"));

        int first = OnPolicyLoop.Collect(collector, buffer, actors.Policy, 0, 0).Episodes.Count;
        OnPolicyBatch second = OnPolicyLoop.Collect(collector, buffer, actors.Policy, 1, 6);

        Assert.That((first, second.Episodes.Count), Is.EqualTo((0, Environments)));
        Assert.That(second.Episodes.Select(e => e.Length), Is.All.EqualTo(EpisodeLength), "an episode goes on from one rollout to the next");
        Assert.That(second.MeanEpisodeCost(0, 0), Is.EqualTo(second.Episodes.Average(e => e.Costs[0][0])));
    }

    // The episodes of an environment of the rollout, with the recorded actions, and the true state after every step.
    private static IEnumerable<Played> Replay(Kind kind, OnPolicyBatch batch, int e, int[]? seen)
    {
        using var environment = new ToyEnvironment(kind, EpisodeLength);
        var memory = new StepMemory(environment.Spec, 1);
        long episode = 0;
        environment.Reset(RandomStream.Derive(Seed, e, episode), memory[0]);
        for (int t = 0; t < Steps; t++)
        {
            float[] state = See(memory[0], seen);
            float[] action = [.. Enumerable.Range(0, environment.Spec.Agents.Count).SelectMany(a => Row(batch.Actions[a], t * Environments + e, environment.Spec.Agents[a].ActionSpace.Size))];
            EpisodeStatus status = environment.Step(action, memory[0]);
            yield return new Played(memory[0].Reward(0), status != EpisodeStatus.Running, status == EpisodeStatus.Terminated, state, See(memory[0], seen));
            if (status != EpisodeStatus.Running)
                environment.Reset(RandomStream.Derive(Seed, e, ++episode), memory[0]);
        }
    }

    // What the first agent's critic sees: the state, or the observations of some agents.
    private static float[] See(StepBuffer step, int[]? seen)
    {
        if (seen is null)
            return step.State.ToArray();
        var all = new List<float>();
        foreach (int agent in seen)
            all.AddRange(step.Observation(agent));
        return [.. all];
    }

    private static float[] Row(float[] values, int row, int size) => values[(row * size)..((row + 1) * size)];
}
