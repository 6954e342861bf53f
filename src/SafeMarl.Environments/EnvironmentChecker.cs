using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SafeMarl.Environments;

/// <summary>A rule of the environment contract that an environment breaks.</summary>
/// <param name="Rule">The rule, in a few words.</param>
/// <param name="Detail">What was seen, and where.</param>
public sealed record EnvironmentProblem(string Rule, string Detail);

/// <summary>What <see cref="EnvironmentChecker.Check"/> found.</summary>
/// <param name="Environment">Name of the environment.</param>
/// <param name="Problems">Broken rules; empty when the environment keeps the contract as far as was tried.</param>
public sealed record EnvironmentReport(string Environment, IReadOnlyList<EnvironmentProblem> Problems)
{
    /// <summary>Whether no rule was seen broken.</summary>
    public bool Passed => Problems.Count == 0;

    /// <summary>Throws an <see cref="EnvironmentException"/> that lists the problems, if there are any.</summary>
    public void ThrowIfFailed()
    {
        if (!Passed)
            throw new EnvironmentException(ToString());
    }

    /// <summary>The problems, one per line.</summary>
    public override string ToString() => Passed
        ? $"'{Environment}' keeps the contract."
        : $"'{Environment}' breaks the environment contract:{string.Concat(Problems.Select(p => $"\n  {p.Rule}: {p.Detail}"))}";
}

/// <summary>Tries an environment with random actions against the contract of <see cref="IMultiAgentEnvironment"/>.</summary>
public static class EnvironmentChecker
{
    private const int AllocationWarmup = 50, AllocationSteps = 200;
    private const string MaskRule = "masks";

    /// <summary>
    /// Plays <paramref name="episodes"/> episodes and checks: everything is written, finite and of the declared kind; costs, deviations and
    /// disturbances are not negative; shared signals are equal; masks leave an alternative; lost agents remain lost; episodes end by their limit; the seed decides everything; a step
    /// does not allocate; actions outside a box are accepted and non-finite ones refused; a restored environment continues with the same bits.
    /// </summary>
    /// <param name="factory">Makes the environment; called several times.</param>
    /// <param name="episodes">Episodes to play, at least 1.</param>
    /// <param name="seed">Seed of the episodes and of the random actions.</param>
    public static EnvironmentReport Check(Func<IMultiAgentEnvironment> factory, int episodes = 2, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(episodes);
        using IMultiAgentEnvironment first = factory(), second = factory();
        var problems = new Problems();

        string trace = new Trial(first, problems).Play(episodes, seed);
        problems.Require(new Trial(second, problems).Play(episodes, seed) == trace, "determinism",
            "two environments with the same seed and the same actions reported different bits");
        problems.Require(new Trial(first, problems).Play(episodes, seed) == trace, "determinism",
            "playing the same seed again in the same environment gave different bits: something survives a reset");
        if (problems.Any(MaskRule))
            return new EnvironmentReport(first.Spec.Name, problems.List); // nobody can act
        CheckActions(first, problems, seed);
        CheckAllocation(first, problems, seed);
        if (first is IRestorableEnvironment source && second is IRestorableEnvironment target)
            CheckRestore(source, target, problems, seed);
        return new EnvironmentReport(first.Spec.Name, problems.List);
    }

    private static void CheckActions(IMultiAgentEnvironment environment, Problems problems, long seed)
    {
        EnvironmentSpec spec = environment.Spec;
        var memory = new StepMemory(spec, 1);
        var outside = new float[spec.Layout.ActionSize];
        var invalid = new float[spec.Layout.ActionSize];
        foreach ((AgentSpec agent, int i) in spec.Agents.Select((a, i) => (a, i)))
        {
            outside.AsSpan(spec.Layout.Action(i)).Fill(agent.ActionSpace.IsDiscrete ? FirstAvailable(agent, i) : 10 * agent.ActionSpace.High.Max(Math.Abs));
            invalid.AsSpan(spec.Layout.Action(i)).Fill(float.NaN);
        }
        environment.Reset(seed, memory[0]);
        try
        {
            environment.Step(outside, memory[0]);
            problems.Require(AllFinite(memory), "finite values", "an action outside the bounds of a box led to numbers that are not finite");
        }
        catch (InvalidActionException e)
        {
            problems.Add("actions", $"an action outside the bounds of a box was refused instead of clipped: {e.Message}");
        }
        environment.Reset(seed, memory[0]);
        try
        {
            environment.Step(invalid, memory[0]);
            problems.Add("actions", $"a non-finite action was accepted; throw {nameof(InvalidActionException)}");
        }
        catch (InvalidActionException)
        {
        }

        float FirstAvailable(AgentSpec agent, int index)
        {
            environment.Reset(seed, memory[0]);
            return agent.ActionSpace.IsMasked ? Math.Max(0, memory[0].ActionMask(index).IndexOf(1)) : 0;
        }
    }

    private static void CheckAllocation(IMultiAgentEnvironment environment, Problems problems, long seed)
    {
        var memory = new StepMemory(environment.Spec, 1);
        var action = new float[environment.Spec.Layout.ActionSize];
        var random = new RandomStream(seed);
        environment.Reset(seed, memory[0]);
        for (int i = 0; i < AllocationWarmup; i++)
            Advance();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < AllocationSteps; i++)
            Advance();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        problems.Require(allocated == 0, "allocation", $"{AllocationSteps} steps (with resets) allocated {allocated} bytes; reuse memory");

        void Advance()
        {
            RandomActions.Sample(environment.Spec, memory[0], ref random, action);
            if (environment.Step(action, memory[0]) != EpisodeStatus.Running)
                environment.Reset(seed, memory[0]);
        }
    }

    private static void CheckRestore(IRestorableEnvironment source, IRestorableEnvironment target, Problems problems, long seed)
    {
        var memory = new StepMemory(source.Spec, 1);
        var other = new StepMemory(source.Spec, 1);
        var action = new float[source.Spec.Layout.ActionSize];
        var random = new RandomStream(seed);
        source.Reset(seed, memory[0]);
        for (int i = 0; i < source.Spec.EpisodeLength / 2; i++)
        {
            RandomActions.Sample(source.Spec, memory[0], ref random, action);
            if (source.Step(action, memory[0]) != EpisodeStatus.Running)
                source.Reset(seed + 1, memory[0]);
        }
        using var state = new MemoryStream();
        source.SaveState(new BinaryWriter(state));
        state.Position = 0;
        target.Reset(seed + 2, other[0]);
        target.RestoreState(new BinaryReader(state));
        problems.Require(state.Position == state.Length, "restore", $"{state.Length - state.Position} bytes of the saved state were not read back");

        memory.CopyView(0, other);
        EpisodeStatus status = EpisodeStatus.Running;
        for (int i = 0; i < source.Spec.EpisodeLength && status == EpisodeStatus.Running; i++)
        {
            RandomActions.Sample(source.Spec, memory[0], ref random, action);
            status = source.Step(action, memory[0]);
            bool same = target.Step(action, other[0]) == status && Hash(memory) == Hash(other);
            problems.Require(same, "restore", $"the restored environment reported other bits {i + 1} steps after it was restored");
            if (!same)
                return;
        }
    }

    private static string Hash(StepMemory memory)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, memory);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, StepMemory memory)
    {
        hash.AppendData(MemoryMarshal.AsBytes(memory.Observations));
        hash.AppendData(MemoryMarshal.AsBytes(memory.States));
        hash.AppendData(MemoryMarshal.AsBytes(memory.Masks));
        hash.AppendData(MemoryMarshal.AsBytes(memory.Rewards));
        hash.AppendData(MemoryMarshal.AsBytes(memory.Costs));
        hash.AppendData(MemoryMarshal.AsBytes(memory.Deviations));
        hash.AppendData(MemoryMarshal.AsBytes(memory.Disturbances));
    }

    private static bool AllFinite(StepMemory memory) => AllFinite(memory.Observations) && AllFinite(memory.States) && AllFinite(memory.Rewards)
        && AllFinite(memory.Costs) && AllFinite(memory.Deviations) && AllFinite(memory.Disturbances);

    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                return false;
        }
        return true;
    }

    /// <summary>Collects the first breach of each rule.</summary>
    private sealed class Problems
    {
        public List<EnvironmentProblem> List { get; } = [];

        public void Require(bool condition, string rule, string detail)
        {
            if (!condition)
                Add(rule, detail);
        }

        public bool Any(string rule) => List.Any(p => p.Rule == rule);

        public void Add(string rule, string detail)
        {
            if (!Any(rule))
                List.Add(new EnvironmentProblem(rule, detail));
        }
    }

    /// <summary>Plays episodes with random actions, checking every report; gives a hash of everything reported.</summary>
    private sealed class Trial(IMultiAgentEnvironment environment, Problems problems)
    {
        private readonly EnvironmentSpec _spec = environment.Spec;
        private readonly StepMemory _memory = new(environment.Spec, 1);
        private readonly bool[] _lost = new bool[environment.Spec.Agents.Count];

        public string Play(int episodes, long seed)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var random = new RandomStream(seed);
            var action = new float[_spec.Layout.ActionSize];
            for (int episode = 0; episode < episodes; episode++)
            {
                PoisonView();
                environment.Reset(seed + episode, _memory[0]);
                CheckView($"after the reset of episode {episode}");
                Array.Clear(_lost);
                CheckLosses($"after the reset of episode {episode}", mayBegin: false);
                EpisodeStatus status = EpisodeStatus.Running;
                int steps = 0;
                while (status == EpisodeStatus.Running && steps < _spec.EpisodeLength)
                {
                    if (problems.Any(MaskRule))
                        return "";
                    RandomActions.Sample(_spec, _memory[0], ref random, action);
                    PoisonView();
                    PoisonSignals();
                    status = environment.Step(action, _memory[0]);
                    string where = $"in step {++steps} of episode {episode}";
                    CheckView(where);
                    CheckSignals(where);
                    CheckLosses(where, mayBegin: true);
                    Append(hash, _memory);
                }
                problems.Require(status != EpisodeStatus.Running, "truncation", $"episode {episode} was still running after {steps} steps, its declared limit");
            }
            return Convert.ToHexString(hash.GetHashAndReset());
        }

        private void PoisonView()
        {
            _memory.Observations.Fill(float.NaN);
            _memory.States.Fill(float.NaN);
            _memory.Masks.Fill(float.NaN);
        }

        private void PoisonSignals()
        {
            _memory.Rewards.Fill(float.NaN);
            _memory.Costs.Fill(float.NaN);
            _memory.Deviations.Fill(float.NaN);
            _memory.Disturbances.Fill(float.NaN);
        }

        private void CheckView(string where)
        {
            StepBuffer step = _memory[0];
            problems.Require(AllFinite(step.State), "finite values", $"the state has numbers that are not finite or not written, {where}");
            for (int agent = 0; agent < _spec.Agents.Count; agent++)
            {
                string name = _spec.Agents[agent].Name;
                problems.Require(AllFinite(step.Observation(agent)), "finite values", $"the observation of '{name}' has numbers that are not finite or not written, {where}");
                Span<float> mask = step.ActionMask(agent);
                problems.Require(!mask.ContainsAnyExcept(0f, 1f), MaskRule, $"the mask of '{name}' has values other than 0 and 1, {where}");
                problems.Require(mask.IsEmpty || mask.Contains(1f), MaskRule, $"the mask of '{name}' leaves no alternative, {where}");
            }
        }

        private void CheckLosses(string where, bool mayBegin)
        {
            if (environment is not ILosableAgents losable)
                return;
            for (int agent = 0; agent < _lost.Length; agent++)
            {
                bool lost = losable.IsLost(agent);
                problems.Require(mayBegin || !lost, "lost agents", $"'{_spec.Agents[agent].Name}' is lost {where}");
                problems.Require(lost || !_lost[agent], "lost agents", $"'{_spec.Agents[agent].Name}', which was lost, is not any more, {where}");
                _lost[agent] = lost;
            }
        }

        private void CheckSignals(string where)
        {
            StepBuffer step = _memory[0];
            for (int agent = 0; agent < _spec.Agents.Count; agent++)
            {
                string name = _spec.Agents[agent].Name;
                problems.Require(float.IsFinite(step.Reward(agent)), "finite values", $"the reward of '{name}' is {step.Reward(agent)}, {where}");
                problems.Require(!_spec.SharedReward || step.Reward(agent) == step.Reward(0), "shared signals", $"the reward of '{name}' differs although rewards are declared shared, {where}");
                for (int channel = 0; channel < step.Costs(agent).Length; channel++)
                {
                    float cost = step.Cost(agent, channel);
                    problems.Require(cost >= 0 && float.IsFinite(cost), "costs", $"cost '{_spec.Agents[agent].Costs[channel].Name}' of '{name}' is {cost}; it must be finite and at least 0, {where}");
                    problems.Require(!_spec.SharedCosts || cost == step.Cost(0, channel), "shared signals", $"the costs of '{name}' differ although costs are declared shared, {where}");
                }
                if (_spec.HasDeviation)
                {
                    float deviation = step.Deviation(agent);
                    problems.Require(deviation >= 0 && float.IsFinite(deviation), "deviation", $"the deviation of '{name}' is {deviation}; it must be finite and at least 0, {where}");
                }
                if (_spec.HasDisturbance)
                {
                    float disturbance = step.Disturbance(agent);
                    problems.Require(disturbance >= 0 && float.IsFinite(disturbance), "disturbance", $"the disturbance of '{name}' is {disturbance}; it must be finite and at least 0, {where}");
                }
            }
        }
    }
}
