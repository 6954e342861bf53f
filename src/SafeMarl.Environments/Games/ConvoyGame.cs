namespace SafeMarl.Environments.Games;

/// <summary>
/// Two carts on a line drive to their places, the faster one behind. Both are rewarded for being near their places and charged while the gap
/// between them is too small; driving as fast as possible, the second cart would run into the first. The best safe drive is known exactly,
/// see <see cref="BestReturn"/>.
/// </summary>
/// <remarks>
/// A step moves a cart by its action in [-1, 1] times its speed, 0.2 for the rear cart and 0.1 for the front one. Reward: minus the distances of both
/// carts to their places, 0.5 and 0.9. Cost "gap": 1 while the front cart is less than 0.3 ahead. Deviation: the cart's own distance to its place. A cart
/// sees its own position, then the other's; the state is both positions.
/// </remarks>
public sealed class ConvoyGame : IRestorableEnvironment
{
    private const int Carts = 2;
    private const double SafeGap = 0.3, StartRear = -1, StartGap = 0.4, StartNoise = 0.05;

    private static readonly double[] Speeds = [0.2, 0.1], Places = [0.5, 0.9];

    private readonly double[] _positions = new double[Carts];
    private int _steps;

    /// <summary>Makes the game.</summary>
    /// <param name="episodeLength">Steps of an episode.</param>
    public ConvoyGame(int episodeLength = 40) => Spec = new EnvironmentSpec(
        "ConvoyGame",
        [
            new AgentSpec("rear", 2, ActionSpace.Box(1, -1, 1), [new CostChannel("gap")], [1], ownState: [0]),
            new AgentSpec("front", 2, ActionSpace.Box(1, -1, 1), [new CostChannel("gap")], [0], ownState: [0]),
        ],
        episodeLength, stateSize: Carts, sharedReward: true, sharedCosts: true, hasDeviation: true);

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <summary>Where the carts are, rear and front.</summary>
    public IReadOnlyList<double> Positions => _positions;

    /// <inheritdoc/>
    public void Reset(long seed, StepBuffer step)
    {
        var random = new RandomStream(seed);
        _positions[0] = StartRear + random.NextUniform(-StartNoise, StartNoise);
        _positions[1] = _positions[0] + StartGap + random.NextUniform(-StartNoise, StartNoise);
        _steps = 0;
        Observe(step);
    }

    /// <inheritdoc/>
    public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
    {
        InvalidActionException.ThrowIfInvalid(jointAction, Spec);
        _steps++;
        double reward = 0;
        for (int cart = 0; cart < Carts; cart++)
        {
            _positions[cart] += Speeds[cart] * Math.Clamp(jointAction[cart], -1f, 1f);
            step.Deviation(cart) = (float)Math.Abs(_positions[cart] - Places[cart]);
            reward -= Math.Abs(_positions[cart] - Places[cart]);
        }
        for (int cart = 0; cart < Carts; cart++)
        {
            step.Reward(cart) = (float)reward;
            step.Cost(cart) = _positions[1] - _positions[0] < SafeGap ? 1 : 0;
        }
        Observe(step);
        return _steps < Spec.EpisodeLength ? EpisodeStatus.Running : EpisodeStatus.Truncated;
    }

    /// <summary>The best return of an episode from given positions.</summary>
    /// <param name="rear">Position of the rear cart; at least the safe gap behind the front one.</param>
    /// <param name="front">Position of the front cart.</param>
    /// <param name="safely">Whether the gap must be kept.</param>
    /// <remarks>
    /// Each cart does best to go to its place as fast as it can. The front cart is never hindered by that, as the rear one's place is further behind than the
    /// gap; the rear one, if it has to keep the gap, stays just behind where the front one is after the same step.
    /// </remarks>
    public double BestReturn(double rear, double front, bool safely)
    {
        double sum = 0;
        for (int step = 0; step < Spec.EpisodeLength; step++)
        {
            front += Math.Clamp(Places[1] - front, -Speeds[1], Speeds[1]);
            double wanted = rear + Math.Clamp(Places[0] - rear, -Speeds[0], Speeds[0]);
            rear = safely ? Math.Min(wanted, front - SafeGap) : wanted;
            sum -= Math.Abs(rear - Places[0]) + Math.Abs(front - Places[1]);
        }
        return sum;
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_steps);
        foreach (double position in _positions)
            writer.Write(position);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _steps = reader.ReadInt32();
        foreach (ref double position in _positions.AsSpan())
            position = reader.ReadDouble();
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private void Observe(StepBuffer step)
    {
        for (int cart = 0; cart < Carts; cart++)
        {
            step.Observation(cart)[0] = step.State[cart] = (float)_positions[cart];
            step.Observation(cart)[1] = (float)_positions[1 - cart];
        }
    }
}
