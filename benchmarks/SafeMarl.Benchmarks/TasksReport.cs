using SafeMarl.Environments;
using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.SafeMujoco;
using static SafeMarl.Benchmarks.Measurements;

namespace SafeMarl.Benchmarks;

/// <summary>The published MuJoCo tasks on one thread, each against its physics alone, in turns; ants with every kind of walls.</summary>
internal static class TasksReport
{
    private const int Rounds = 5, Environments = 4, CheetahSubsteps = 5, AntSubsteps = 5, ManyAgentAntSubsteps = 4;
    private const double SecondsPerRound = 0.5;

    public static void Print()
    {
        Console.WriteLine($"MuJoCo tasks, one thread, {Environments} environments, random actions, resets included; medians of {Rounds} rounds taken in turns");
        Console.WriteLine("task                           walls    physics alone   VectorEnvironment   ratio   bytes allocated per step");
        Run[] runs = [.. All()];
        foreach (Run run in runs)
            run.WarmUp();
        for (int round = 0; round < Rounds; round++)
        {
            foreach (Run run in runs)
                run.Measure();
        }
        foreach (Run run in runs)
        {
            Console.WriteLine($"{run.Name,-30} {run.Walls,-6} {run.PhysicsAlone,13:N0}/s   {run.Stepped,15:N0}/s   {run.Ratio,5:P0}   {run.BytesPerStep,24:N1}");
            run.Dispose();
        }
        Console.WriteLine();
    }

    private static IEnumerable<Run> All()
    {
        yield return new Run(Cheetah.Create, "", HalfCheetahModel.Document(), CheetahSubsteps);
        foreach (CoupledGeometry geometry in Enum.GetValues<CoupledGeometry>())
        {
            var options = new CoupledHalfCheetahOptions { Objective = CheetahObjective.Run, Geometry = geometry, StandardizeObservations = true };
            yield return new Run(() => new CoupledHalfCheetah(AgentPartition.Parse("2x6"), options), "", CoupledHalfCheetahModel.Document(geometry), CheetahSubsteps);
        }
        foreach (CorridorWalls walls in Enum.GetValues<CorridorWalls>())
        {
            yield return new Run(
                () => new SafeAnt(AgentPartition.Parse("4x2"), new SafeAntOptions { Walls = walls }), $"{walls}", AntModel.Document(walls, MujocoLibrary.Default.Version), AntSubsteps);
        }
        foreach ((string partition, int segments) in new[] { ("2x3", 6), ("2x4", 8) })
        {
            foreach (CorridorWalls walls in Enum.GetValues<CorridorWalls>())
            {
                yield return new Run(
                    () => new SafeManyAgentAnt(AgentPartition.Parse(partition), new SafeManyAgentAntOptions { Walls = walls }), $"{walls}",
                    ManyAgentAntModel.Document(segments, walls, MujocoLibrary.Default.Version), ManyAgentAntSubsteps);
            }
        }
    }

    private sealed class Run : IDisposable
    {
        private const int WarmUpSteps = 200;

        private readonly VectorEnvironment _vector;
        private readonly PhysicsLoop _physics;
        private readonly float[] _actions;
        private readonly List<double> _alone = [], _stepped = [];
        private RandomStream _random = new(1);
        private long _bytes, _counted;
        private int _steps;

        public Run(Func<IMultiAgentEnvironment> create, string walls, string document, int substeps)
        {
            Walls = walls;
            _vector = new VectorEnvironment(create, Environments, 1);
            _vector.Reset(seed: 1);
            _actions = new float[Environments * _vector.Spec.Layout.ActionSize];
            _physics = new PhysicsLoop($"{Name}_{walls}", document, substeps, _vector.Spec.Layout.ActionSize);
        }

        public string Name => _vector.Spec.Name;

        public string Walls { get; }

        public double PhysicsAlone => Median(_alone);

        public double Stepped => Median(_stepped);

        public double Ratio => Median(_stepped.Zip(_alone, (s, a) => s / a));

        public double BytesPerStep => (double)_bytes / _counted;

        public void WarmUp()
        {
            Step(WarmUpSteps);
            _steps = (int)Math.Max(100, WarmUpSteps * SecondsPerRound / Seconds(() => Step(WarmUpSteps)));
        }

        public void Measure()
        {
            int all = _steps * Environments;
            _alone.Add(_physics.Measure(threads: 1, Environments, all));
            long before = GC.GetTotalAllocatedBytes(precise: true);
            _stepped.Add(all / Seconds(() => Step(_steps)));
            _bytes += GC.GetTotalAllocatedBytes(precise: true) - before;
            _counted += all;
        }

        public void Dispose() => _vector.Dispose();

        private void Step(int steps)
        {
            for (int i = 0; i < steps; i++)
            {
                foreach (ref float action in _actions.AsSpan())
                    action = (float)_random.NextUniform(-1, 1);
                _vector.Step(_actions);
            }
        }
    }
}
