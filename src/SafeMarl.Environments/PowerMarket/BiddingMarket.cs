namespace SafeMarl.Environments.PowerMarket;

/// <summary>
/// Five generating companies bid into the IEEE 14-bus market (MAS3AC, appendix H.5). Each is rewarded for profit and for staying near its
/// desired output, and charged for emissions above its allowance. Non-cooperative: rewards, costs and deviations are each company's own.
/// </summary>
/// <remarks>
/// <para>An action in [-1, 1] is a bid from the lowest to the highest; outside it is clipped. One step is one clearing.</para>
/// <para>Reward: <c>alpha (price P - (A P^2 + B P + C)) + beta [P in band] - gamma |P - desired|</c>. Cost "carbon": <c>max(0, phi P - allowance)</c>,
/// tonnes an hour. Deviation: <c>gamma |P - desired|</c>.</para>
/// <para>Observation: own output / 100, own price / 50, and the loads / 100 of its bus and the buses one branch away, padded with zeros.
/// State: outputs / 100, prices / 50 and loads / 100 of all buses.</para>
/// </remarks>
public sealed class BiddingMarket : IRestorableEnvironment
{
    private const double PowerScale = 100, PriceScale = 50, CyclePeriod = 24, NoiseMemory = 0.9;

    private static readonly double[] Desired = [110, 50, 40, 35, 24];
    private static readonly double[] EmissionRates = [.9, .6, .5, .45, .4]; // phi, tonnes per MWh
    private static readonly int[] Ring = [0, 1, 2, 4, 3]; // companies around the ring of buses 1-2-3-8-6

    private readonly BiddingMarketOptions _options;
    private readonly PowerGrid _grid;
    private readonly MarketClearing _clearing;
    private readonly int[][] _seenBuses;
    private readonly double[] _loads, _noise, _outputs, _bids;
    private RandomStream _random;
    private double _phase;
    private int _steps;

    /// <summary>Makes the task.</summary>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentException">Bids are outside what the market can clear, the highest is not above the lowest, or a weight or share is negative.</exception>
    public BiddingMarket(BiddingMarketOptions? options = null)
    {
        _options = options ?? new BiddingMarketOptions();
        Check(_options);
        _grid = Ieee14.Grid(_options.Limits);
        _clearing = new MarketClearing(_grid);
        _seenBuses = [.. _grid.Units.Select(u => SeenFrom(u.Bus))];
        _loads = new double[_grid.BusCount];
        _noise = new double[_grid.BusCount];
        _outputs = new double[_grid.Units.Count];
        _bids = new double[_grid.Units.Count];
        int observation = 2 + _seenBuses.Max(b => b.Length);
        Spec = new EnvironmentSpec(
            "BiddingMarket",
            [.. _grid.Units.Select((unit, i) => new AgentSpec($"bus_{unit.Bus + 1}", observation, ActionSpace.Box(1, -1, 1), [new CostChannel("carbon")], NeighborsOf(i)))],
            _options.EpisodeLength, stateSize: _outputs.Length + 2 * _grid.BusCount, hasDeviation: true);
    }

    /// <inheritdoc/>
    public EnvironmentSpec Spec { get; }

    /// <summary>The last clearing: prices, flows, and whether it had to shed load or spill power. After <see cref="RestoreState"/>: once a step has been taken.</summary>
    public MarketClearing Clearing => _clearing;

    /// <inheritdoc/>
    public void Reset(long seed, StepBuffer step)
    {
        _random = new RandomStream(seed);
        _phase = _random.NextUniform(0, 2 * Math.PI);
        foreach (ref double noise in _noise.AsSpan())
            noise = _random.NextGaussian();
        Desired.CopyTo(_outputs, 0);
        _steps = 0;
        UpdateLoads();
        // Before anybody has bid, the market is cleared at cost, so that prices can be seen; ramps are then counted from those outputs.
        for (int g = 0; g < _bids.Length; g++)
            _bids[g] = Math.Clamp(MarginalCost(g), _options.LowestBid, _options.HighestBid);
        Clear();
        Observe(step);
    }

    /// <inheritdoc/>
    public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step)
    {
        InvalidActionException.ThrowIfInvalid(jointAction, Spec);
        for (int g = 0; g < _bids.Length; g++)
            _bids[g] = _options.LowestBid + (Math.Clamp(jointAction[g], -1f, 1f) + 1) / 2 * (_options.HighestBid - _options.LowestBid);
        _steps++;
        UpdateLoads();
        Clear();
        for (int g = 0; g < _outputs.Length; g++)
        {
            double output = _outputs[g], distance = Math.Abs(output - Desired[g]);
            double profit = _clearing.Prices[_grid.Units[g].Bus] * output - Cost(g);
            bool inBand = distance <= _options.Band * Desired[g];
            step.Reward(g) = (float)(_options.ProfitWeight * profit + (inBand ? _options.BandWeight : 0) - _options.DeviationWeight * distance);
            step.Cost(g) = (float)Math.Max(0, EmissionRates[g] * (output - _options.Allowance * Desired[g]));
            step.Deviation(g) = (float)(_options.DeviationWeight * distance);
        }
        Observe(step);
        return _steps < _options.EpisodeLength ? EpisodeStatus.Running : EpisodeStatus.Truncated;
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_steps);
        writer.Write(_phase);
        _random.Save(writer);
        foreach (double value in _noise)
            writer.Write(value);
        foreach (double value in _outputs)
            writer.Write(value);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _steps = reader.ReadInt32();
        _phase = reader.ReadDouble();
        _random = RandomStream.Load(reader);
        foreach (ref double value in _noise.AsSpan())
            value = reader.ReadDouble();
        foreach (ref double value in _outputs.AsSpan())
            value = reader.ReadDouble();
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private double Cost(int unit) => (_grid.Units[unit].A * _outputs[unit] + _grid.Units[unit].B) * _outputs[unit] + _grid.Units[unit].C;

    private double MarginalCost(int unit) => 2 * _grid.Units[unit].A * _outputs[unit] + _grid.Units[unit].B;

    // Usual load x daily cycle x slow noise of each bus (AR(1) with unit variance).
    private void UpdateLoads()
    {
        double cycle = 1 + _options.LoadCycle * Math.Sin(2 * Math.PI * _steps / CyclePeriod + _phase);
        for (int bus = 0; bus < _loads.Length; bus++)
        {
            if (_steps > 0)
                _noise[bus] = NoiseMemory * _noise[bus] + Math.Sqrt(1 - NoiseMemory * NoiseMemory) * _random.NextGaussian();
            _loads[bus] = Math.Max(0, _grid.BaseLoads[bus] * cycle * (1 + _options.LoadNoise * _noise[bus]));
        }
    }

    private void Clear()
    {
        _clearing.Clear(_loads, _bids, _outputs);
        _clearing.Outputs.CopyTo(_outputs);
    }

    private void Observe(StepBuffer step)
    {
        for (int g = 0; g < _outputs.Length; g++)
        {
            Span<float> own = step.Observation(g);
            own.Clear();
            own[0] = (float)(_outputs[g] / PowerScale);
            own[1] = (float)(_clearing.Prices[_grid.Units[g].Bus] / PriceScale);
            for (int i = 0; i < _seenBuses[g].Length; i++)
                own[2 + i] = (float)(_loads[_seenBuses[g][i]] / PowerScale);
            step.State[g] = own[0];
        }
        for (int bus = 0; bus < _loads.Length; bus++)
        {
            step.State[_outputs.Length + bus] = (float)(_clearing.Prices[bus] / PriceScale);
            step.State[_outputs.Length + _loads.Length + bus] = (float)(_loads[bus] / PowerScale);
        }
    }

    private static void Check(BiddingMarketOptions options)
    {
        if (!(options.LowestBid >= MarketClearing.SpillingPrice && options.LowestBid < options.HighestBid && options.HighestBid <= MarketClearing.SheddingPrice))
        {
            throw new ArgumentException(
                $"Bids go from {options.LowestBid} to {options.HighestBid}; they must rise and lie between {MarketClearing.SpillingPrice} and {MarketClearing.SheddingPrice} $/MWh.", nameof(options));
        }
        foreach ((string name, double value) in new[]
        {
            (nameof(options.ProfitWeight), options.ProfitWeight), (nameof(options.BandWeight), options.BandWeight), (nameof(options.DeviationWeight), options.DeviationWeight), (nameof(options.Band), options.Band),
            (nameof(options.Allowance), options.Allowance), (nameof(options.LoadCycle), options.LoadCycle), (nameof(options.LoadNoise), options.LoadNoise),
        })
        {
            if (!(value >= 0 && double.IsFinite(value)))
                throw new ArgumentException($"{name} is {value}; it must be finite and at least 0.", nameof(options));
        }
    }

    private int[] SeenFrom(int bus) =>
        [bus, .. _grid.Branches.Where(b => b.From == bus || b.To == bus).Select(b => b.From == bus ? b.To : b.From).Order()];

    private static int[] NeighborsOf(int agent)
    {
        int at = Array.IndexOf(Ring, agent);
        return [.. new[] { Ring[(at + Ring.Length - 1) % Ring.Length], Ring[(at + 1) % Ring.Length] }.Order()];
    }
}
