using SafeMarl.Environments;
using SafeMarl.Environments.Skirmish;
using static SafeMarl.Benchmarks.Measurements;

namespace SafeMarl.Benchmarks;

/// <summary>Skirmish maps on one thread with random available actions, against the published Python engine where its speed is known.</summary>
internal static class SkirmishReport
{
    private const int Rounds = 5;
    private const double SecondsPerRound = 0.3;

    // SMAClite's numpy engine with random actions on the machine of the reference data, steps a second.
    private static readonly Dictionary<string, double> Published = new() { ["3m"] = 351, ["2s3z"] = 220, ["27m_vs_30m"] = 42 };

    public static void Print()
    {
        Console.WriteLine($"Skirmish, one thread, random available actions, resets included; medians of {Rounds} rounds");
        Console.WriteLine("map             steps/s   ratio to SMAClite   bytes allocated per step");
        foreach (string map in SkirmishMap.Names)
        {
            using var battle = new SkirmishBattle(SkirmishMap.BuiltIn(map));
            var run = new Run(battle);
            run.Steps(1_000);
            int steps = (int)Math.Max(200, 1_000 * SecondsPerRound / Seconds(() => run.Steps(1_000)));
            long before = GC.GetAllocatedBytesForCurrentThread();
            run.Steps(steps);
            double bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)steps;
            double rate = Median(Enumerable.Range(0, Rounds).Select(_ => steps / Seconds(() => run.Steps(steps))));
            string ratio = Published.TryGetValue(map, out double published) ? $"{rate / published:N0}" : "";
            Console.WriteLine($"{map,-13} {rate,9:N0}   {ratio,17}   {bytes,24:N1}");
        }
        Console.WriteLine();
    }

    private sealed class Run(SkirmishBattle battle)
    {
        private readonly StepMemory _memory = new(battle.Spec, 1);
        private readonly float[] _actions = new float[battle.Spec.Layout.ActionSize];
        private RandomStream _random = new(1);
        private EpisodeStatus _status = EpisodeStatus.Terminated;
        private long _episodes;

        public void Steps(int count)
        {
            for (int i = 0; i < count; i++)
            {
                if (_status != EpisodeStatus.Running)
                    battle.Reset(_episodes++, _memory[0]);
                RandomActions.Sample(battle.Spec, _memory[0], ref _random, _actions);
                _status = battle.Step(_actions, _memory[0]);
            }
        }
    }
}
