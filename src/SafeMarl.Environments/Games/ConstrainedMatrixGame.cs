namespace SafeMarl.Environments.Games;

/// <summary>
/// Two agents choose one alternative each, once; both are rewarded with the payoff of the pair, and each is charged for its own alternative.
/// The constrained optimum is known exactly, see <see cref="Solve"/>.
/// </summary>
public sealed class ConstrainedMatrixGame : IRestorableEnvironment
{
    private static readonly CostChannel[] Risk = [new("risk")];

    private readonly double[,] _payoff;
    private readonly double[][] _costs;

    /// <summary>
    /// The game in which boldness pays but is charged: payoffs {{1, 1.5, 1}, {1.5, 3, 3.5}, {1, 3.5, 6}}, costs 0, 0.5 and 1 of the three alternatives.
    /// </summary>
    public ConstrainedMatrixGame() : this(new[,] { { 1, 1.5, 1 }, { 1.5, 3, 3.5 }, { 1, 3.5, 6 } }, [0, .5, 1], [0, .5, 1]) { }

    /// <summary>A game with given payoffs and costs.</summary>
    /// <param name="payoff">Reward of both agents for the first agent's (row) and the second agent's (column) alternative.</param>
    /// <param name="firstCosts">Cost of each of the first agent's alternatives, at least 0.</param>
    /// <param name="secondCosts">Cost of each of the second agent's alternatives, at least 0.</param>
    public ConstrainedMatrixGame(double[,] payoff, double[] firstCosts, double[] secondCosts)
    {
        ArgumentNullException.ThrowIfNull(payoff);
        ArgumentNullException.ThrowIfNull(firstCosts);
        ArgumentNullException.ThrowIfNull(secondCosts);
        if (payoff.GetLength(0) != firstCosts.Length || payoff.GetLength(1) != secondCosts.Length)
        {
            throw new ArgumentException(
                $"A {payoff.GetLength(0)}x{payoff.GetLength(1)} payoff needs as many costs; got {firstCosts.Length} and {secondCosts.Length}.", nameof(payoff));
        }
        if (firstCosts.Concat(secondCosts).Any(c => !(c >= 0)))
            throw new ArgumentException("Costs must be at least 0.", nameof(firstCosts));
        _payoff = payoff;
        _costs = [firstCosts, secondCosts];
        Spec = new EnvironmentSpec("ConstrainedMatrixGame",
            [.. _costs.Select((c, i) => new AgentSpec($"agent_{i}", 1, ActionSpace.Discrete(c.Length), Risk, [1 - i]))],
            episodeLength: 1, stateSize: 1, sharedReward: true);
    }

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <inheritdoc/>
    public void Reset(long seed, StepBuffer step) => Observe(step);

    /// <inheritdoc/>
    public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
    {
        InvalidActionException.ThrowIfInvalid(jointAction, Spec);
        double payoff = _payoff[(int)jointAction[0], (int)jointAction[1]];
        for (int agent = 0; agent < 2; agent++)
        {
            step.Reward(agent) = (float)payoff;
            step.Cost(agent) = (float)_costs[agent][(int)jointAction[agent]];
        }
        Observe(step);
        return EpisodeStatus.Terminated;
    }

    /// <summary>
    /// The exact optimum over product policies when each agent's expected cost is limited.
    /// </summary>
    /// <remarks>
    /// The payoff is linear in each agent's policy, so an optimum lies at a pair of vertices of the two policy polytopes
    /// {x: sum x = 1, x >= 0, cost . x &lt;= limit}. Their vertices are the single alternatives within the limit and the
    /// mixtures of one alternative below and one above it that meet the limit exactly.
    /// </remarks>
    /// <exception cref="ArgumentException">No policy of an agent meets its limit.</exception>
    public ConstrainedOptimum Solve(double firstLimit = double.PositiveInfinity, double secondLimit = double.PositiveInfinity)
    {
        double[][] first = [.. Vertices(_costs[0], firstLimit)], second = [.. Vertices(_costs[1], secondLimit)];
        if (first.Length == 0 || second.Length == 0)
            throw new ArgumentException($"No policy meets the limits {firstLimit} and {secondLimit}.", nameof(firstLimit));
        return (from x in first
                from y in second
                select new ConstrainedOptimum(Expected(x, y), [Dot(_costs[0], x), Dot(_costs[1], y)])).MaxBy(o => o.Return)!;
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer) { }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader) { }

    /// <inheritdoc/>
    public void Dispose() { }

    private static void Observe(StepBuffer step)
    {
        step.Observation(0)[0] = step.Observation(1)[0] = step.State[0] = 1;
    }

    private static IEnumerable<double[]> Vertices(double[] costs, double limit)
    {
        for (int i = 0; i < costs.Length; i++)
        {
            if (costs[i] <= limit)
                yield return Mixture(costs.Length, i, i, 0);
            for (int j = 0; j < costs.Length; j++)
            {
                if (costs[i] < limit && costs[j] > limit)
                    yield return Mixture(costs.Length, i, j, (limit - costs[i]) / (costs[j] - costs[i]));
            }
        }
    }

    private static double[] Mixture(int count, int i, int j, double shareOfJ)
    {
        var policy = new double[count];
        policy[i] += 1 - shareOfJ;
        policy[j] += shareOfJ;
        return policy;
    }

    private double Expected(double[] x, double[] y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            for (int j = 0; j < y.Length; j++)
                sum += x[i] * y[j] * _payoff[i, j];
        }
        return sum;
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
