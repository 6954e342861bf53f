using System.Text.Json;
using SafeMarl.ML.Returns;

namespace SafeMarl.ML.Tests.Returns;

public sealed class GaeTests
{
    [Test]
    public void Compute_OfTwoStepsAndATermination_GivesTheNumbersWorkedByHand()
    {
        // One environment, gamma 0.5, lambda 0.5. Step 1 terminates: delta_1 = 4 + 0 - 3 = 1.
        // delta_0 = 2 + 0.5 * 3 - 1 = 2.5, A_0 = 2.5 + 0.25 * 1 = 2.75.
        double[] advantages = new double[3], returns = new double[3];
        Gae.Compute<double>([2, 4, 1], [1, 3, 2], [3, 0, 10], [false, true, false], 1, 0.5, 0.5, advantages, returns);

        Assert.Multiple(() =>
        {
            Assert.That(advantages, Is.EqualTo(new[] { 2.75, 1, 4 }), "the last step bootstraps: 1 + 0.5 * 10 - 2");
            Assert.That(returns, Is.EqualTo(new[] { 3.75, 4, 6 }));
        });
    }

    [Test]
    public void Compute_OfATruncation_BootstrapsFromTheTrueLastState()
    {
        double[] advantages = new double[1], returns = new double[1];
        Gae.Compute<double>([1], [2], [7], [true], 1, 0.9, 0.8, advantages, returns);

        Assert.That(advantages[0], Is.EqualTo(1 + (0.9 * 7) - 2).Within(1e-12));
    }

    [Test]
    public void Compute_OfTwoEnvironments_KeepsThemApart()
    {
        double[] advantages = new double[4], returns = new double[4];
        Gae.Compute<double>([1, 10, 1, 10], [0, 0, 0, 0], [0, 0, 0, 0], [false, true, false, false], 2, 1, 1, advantages, returns);

        Assert.That(advantages, Is.EqualTo(new double[] { 2, 10, 1, 10 }));
    }

    private static IEnumerable<TestCaseData> Cases() => GoldenFiles.Cases("on-policy-and-certificates", "a_gae");

    /// <summary>
    /// The peers' buffers. They know no true truncation: a truncated step either counts as a termination, or ("proper") gets advantage 0. The
    /// same function gives both when it is told the matching next values.
    /// </summary>
    [TestCaseSource(nameof(Cases)), Category("Golden")]
    public void Compute_WithThePeersEndings_GivesThePeersReturns(string path)
    {
        JsonElement golden = GoldenFiles.Read(path), inputs = golden.GetProperty("inputs"), outputs = golden.GetProperty("outputs");
        var peer = new PeerRollout(inputs);
        int compared = 0;
        foreach (JsonProperty variant in outputs.EnumerateObject())
        {
            string[] words = variant.Name.Split('_');
            bool normalised = !words.Contains("nonorm"), proper = words.Contains("proper"), estimator = !words.Contains("nogae");
            if (words[0] == "macpo")
            {
                for (int agent = 0; agent < peer.Agents; agent++)
                {
                    JsonElement expected = variant.Value[agent];
                    PeerRollout.Result reward = peer.Estimate("rewards", "value_preds", "next_value", agent, agent, normalised, proper, estimator);
                    PeerRollout.Result cost = peer.Estimate("costs", "cost_preds", "next_cost", agent, agent, normalised, proper, estimator);
                    Numeric.AssertClose(reward.Returns, expected.Numbers("returns"), 1e-9, $"{variant.Name}, agent {agent}: returns");
                    Numeric.AssertClose(cost.Returns, expected.Numbers("cost_returns"), 1e-9, $"{variant.Name}, agent {agent}: cost returns");
                    AssertAdvantages(peer, agent, reward, expected.Numbers("adv"), $"{variant.Name}, agent {agent}: advantages");
                    AssertAdvantages(peer, agent, cost, expected.Numbers("cost_adv"), $"{variant.Name}, agent {agent}: cost advantages");
                    compared++;
                }
            }
            else if (words[1] == "ep")
            {
                Numeric.AssertClose(peer.Estimate("rewards", "value_preds", "next_value", 0, 0, normalised, proper, estimator).Returns, variant.Value.Numbers("returns"), 1e-9, variant.Name);
                compared++;
            }
            else
            {
                double[][] agents = [.. Enumerable.Range(0, peer.Agents).Select(a => peer.Estimate("rewards", "value_preds", "next_value", a, 0, normalised, proper, estimator).Returns)];
                double[] interleaved = [.. Enumerable.Range(0, agents[0].Length).SelectMany(i => agents.Select(a => a[i]))];
                Numeric.AssertClose(interleaved, variant.Value.Numbers("returns"), 1e-9, variant.Name);
                compared++;
            }
        }

        Assert.That(compared, Is.GreaterThan(5));
    }

    // The peers standardise over the samples in which the agent is active.
    private static void AssertAdvantages(PeerRollout peer, int agent, PeerRollout.Result result, double[] expected, string what)
    {
        int[] active = [.. Enumerable.Range(0, expected.Length).Where(i => peer.IsActive(i, agent))];
        double[] advantages = [.. active.Select(i => result.Advantages[i])];
        Standardization.Apply<double>(advantages);
        Numeric.AssertClose(advantages, [.. active.Select(i => expected[i])], 1e-9, what);
    }

    private sealed class PeerRollout(JsonElement inputs)
    {
        private readonly int _steps = inputs.GetProperty("T").GetInt32(), _environments = inputs.GetProperty("n_envs").GetInt32();
        private readonly double _gamma = inputs.Number("gamma"), _lambda = inputs.Number("gae_lambda");
        private readonly double[] _masks = inputs.Numbers("masks"), _badMasks = inputs.Numbers("bad_masks"), _active = inputs.Numbers("active_masks");

        public sealed record Result(double[] Advantages, double[] Returns);

        public int Agents { get; } = inputs.GetProperty("n_agents").GetInt32();

        public bool IsActive(int sample, int agent) => _active[(sample * Agents) + agent] != 0;

        public Result Estimate(string signal, string predictions, string next, int agent, int normalizerOf, bool normalised, bool proper, bool estimator)
        {
            Func<double, double> denormalize = normalised ? Normalizer(normalizerOf).Denormalize : v => v;
            double[] rewards = Column(inputs.Numbers(signal), agent), last = Column(inputs.Numbers(next), agent);
            double[] values = [.. Column(inputs.Numbers(predictions), agent).Select(denormalize)];
            // Without the estimator the peers do not denormalise the value that they bootstrap from.
            double[] bootstraps = estimator ? [.. last.Select(denormalize)] : last;
            int samples = _steps * _environments;
            var nextValues = new double[samples];
            var ended = new bool[samples];
            for (int i = 0; i < samples; i++)
            {
                double mask = _masks[i + _environments];
                ended[i] = mask == 0;
                bool truncated = _badMasks[i + _environments] == 0;
                double following = i + _environments < samples ? values[i + _environments] : bootstraps[i + _environments - samples];
                nextValues[i] = proper && truncated ? (values[i] - rewards[i]) / _gamma : mask * following;
            }
            var result = new Result(new double[samples], new double[samples]);
            Gae.Compute(rewards, values, nextValues, ended, _environments, _gamma, estimator ? _lambda : 1, result.Advantages, result.Returns);
            return result;
        }

        private ValueNormalizer Normalizer(int agent)
        {
            JsonElement state = inputs.GetProperty("norm_state");
            var normalizer = new ValueNormalizer(state.Number("beta"));
            normalizer.Restore(state.Numbers("running_mean")[agent], state.Numbers("running_mean_sq")[agent], state.Numbers("debiasing_term")[agent]);
            return normalizer;
        }

        private double[] Column(double[] values, int agent) => [.. values.Where((_, i) => i % Agents == agent)];
    }
}
