using SafeMarl.Environments;
using SafeMarl.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Training;
using static SafeMarl.Benchmarks.Measurements;

namespace SafeMarl.Benchmarks;

/// <summary>
/// Every algorithm of rollouts: whole iterations on Safe HalfCheetah 2x3 against the physics alone, and updates at the size at which the peers' MACPO and
/// MAPPO-Lagrangian were measured (4 agents, observation 40, action 2, state 160, 8 environments, 1000 steps, two hidden layers of 128).
/// </summary>
internal static class OnPolicyReport
{
    private const int Rounds = 3, Threads = 2, Agents = 4, Observation = 40, Action = 2, Environments = 8, Steps = 1000;

    public static void Print()
    {
        TorchSharp.torch.set_num_threads(1);
        Console.WriteLine($"Safe HalfCheetah 2x3, rollouts of 16 x 1000 steps, otherwise default options, {Threads} threads, CPU; medians of {Rounds} iterations");
        Console.WriteLine("                           steps/s   of the physics alone   learning");
        Iterations("MAFOCOPS", new MafocopsOptions { CostLimit = 30 }, (task, o, t) => new Mafocops(task, o, t, 1, Placement.Parse("cpu")));
        Iterations("MACPO", new MacpoOptions { CostLimit = 30 }, (task, o, t) => new Macpo(task, o, t, 1, Placement.Parse("cpu")));
        Iterations("MAPPO-Lagrangian", new MappoLagrangianOptions { CostLimit = 30 }, (task, o, t) => new MappoLagrangian(task, o, t, 1, Placement.Parse("cpu")));
        Iterations("Scal-MAPPO-Lagrangian", new ScalMappoLagrangianOptions { CostLimit = 30 }, (task, o, t) => new ScalMappoLagrangian(task, o, t, 1, Placement.Parse("cpu")));
        Iterations("HAPPO", new HappoOptions(), (task, o, t) => new Happo(task, o, t, 1, Placement.Parse("cpu")));
        Iterations("HATRPO", new HatrpoOptions(), (task, o, t) => new Hatrpo(task, o, t, 1, Placement.Parse("cpu")));
        Iterations("MAPPO", new MappoOptions { ShareParameters = false }, (task, o, t) => new Mappo(task, o, t, 1, Placement.Parse("cpu")));
        Iterations("IPPO", new IppoOptions(), (task, o, t) => Ippo.Create(task, o, t, 1, Placement.Parse("cpu")));
        Console.WriteLine();

        Console.WriteLine($"one update: {Agents} agents, observation {Observation}, action {Action}, state {Agents * Observation}, {Steps} x {Environments} samples, [128, 128]; medians of {Rounds}");
        Console.WriteLine("                                                       1 thread   2 threads");
        Update("MACPO, default: one trust-region step per agent", new MacpoOptions { CostLimit = 30 }, (task, o, t) => new Macpo(task, o, t, 1, Placement.Parse("cpu")));
        MacpoOptions macpo = MacpoOptions.Published;
        macpo.CostLimit = 30;
        Update("MACPO as published: 40 minibatches", macpo, (task, o, t) => new Macpo(task, o, t, 1, Placement.Parse("cpu")));
        MappoLagrangianOptions lagrangian = MappoLagrangianOptions.Published;
        lagrangian.CostLimit = 30;
        Update("MAPPO-Lagrangian as published: 5 x 40 minibatches", lagrangian, (task, o, t) => new MappoLagrangian(task, o, t, 1, Placement.Parse("cpu")));
        Update("MAFOCOPS", new MafocopsOptions { CostLimit = 30 }, (task, o, t) => new Mafocops(task, o, t, 1, Placement.Parse("cpu")));
        Console.WriteLine();
    }

    private static void Iterations<TOptions>(string name, TOptions options, Func<TaskShape, TOptions, int, IAlgorithm<OnPolicyBatch>> create)
        where TOptions : OnPolicyOptions
    {
        (options.Environments, options.RolloutSteps) = (Cheetah.Environments, 1000);
        using VectorEnvironment vector = Cheetah.CreateVector(Threads);
        TaskShape task = TaskShapes.Of(vector.Spec);
        using IAlgorithm<OnPolicyBatch> algorithm = create(task, options, Threads);
        var buffer = new RolloutBuffer(task, options.RolloutSteps, vector.Count);
        var collector = new Collector(vector, new RolloutWriter(buffer, vector.Spec), seed: 1);
        long steps = 0;
        double[] alone = new double[Rounds], total = new double[Rounds], learning = new double[Rounds];
        for (int round = -1; round < Rounds; round++) // the first one warms up
        {
            double physics = buffer.Samples / PhysicsLoop.OfCheetah.Measure(Threads, vector.Count / Threads, buffer.Samples / Threads);
            OnPolicyBatch batch = null!;
            double collected = Seconds(() => batch = OnPolicyLoop.Collect(collector, buffer, algorithm.Policy, round + 1, steps));
            double updated = Seconds(() =>
            {
                algorithm.Update(batch);
                algorithm.Publish();
            });
            steps += buffer.Samples;
            if (round >= 0)
                (alone[round], total[round], learning[round]) = (physics, collected + updated, updated / (collected + updated));
        }
        Console.WriteLine($"{name,-25}{buffer.Samples / Median(total),9:N0}   {Median(alone.Zip(total, (a, t) => a / t)),20:P0}   {Median(learning),8:P0}");
    }

    private static void Update<TOptions>(string name, TOptions options, Func<TaskShape, TOptions, int, IAlgorithm<OnPolicyBatch>> create)
        where TOptions : OnPolicyOptions
    {
        (options.Environments, options.RolloutSteps) = (Environments, Steps);
        TaskShape task = new(
            [.. Enumerable.Range(0, Agents).Select(i => new AgentShape($"agent_{i}", Observation, ActionSpace.Box(Action, -1, 1), ["cost"], [], [.. Enumerable.Range(0, Observation)]))],
            Agents * Observation, HasState: true, SharedReward: true, SharedCosts: false, HasDeviation: false, HasDisturbance: false);
        OnPolicyBatch batch = Random(task);
        string[] times = [.. new[] { 1, Threads }.Select(threads =>
        {
            using IAlgorithm<OnPolicyBatch> algorithm = create(task, options, threads);
            algorithm.Update(batch);
            return $"{Median(Enumerable.Range(0, Rounds).Select(_ => Seconds(() => algorithm.Update(batch)))),8:0.00} s";
        })];
        Console.WriteLine($"{name,-53}{times[0]}  {times[1]}");
    }

    private static OnPolicyBatch Random(TaskShape task)
    {
        var random = new RandomStream(1);
        const int samples = Environments * Steps;
        float[][] PerAgent(int size, ref RandomStream stream)
        {
            var arrays = new float[Agents][];
            for (int i = 0; i < Agents; i++)
                arrays[i] = Numbers(samples * size, ref stream);
            return arrays;
        }

        var ended = new bool[samples];
        for (int i = samples - Environments; i < samples; i++)
            ended[i] = true;
        return new OnPolicyBatch
        {
            Samples = samples, Environments = Environments, Steps = samples, Iteration = 0, States = Numbers(samples * task.StateSize, ref random),
            Observations = PerAgent(Observation, ref random), Masks = [.. task.Agents.Select(_ => Array.Empty<float>())], Actions = PerAgent(Action, ref random),
            LogProbs = PerAgent(1, ref random), Rewards = PerAgent(1, ref random), Costs = [.. PerAgent(1, ref random).Select(c => new[] { c.Select(Math.Abs).ToArray() })],
            Ended = ended, Bootstrapped = [], BootstrapStates = [], BootstrapObservations = [.. task.Agents.Select(_ => Array.Empty<float>())],
            Episodes = [new EpisodeSummary(Steps, new double[Agents], [.. task.Agents.Select(_ => new double[] { 50 })], [])],
        };
    }
}
