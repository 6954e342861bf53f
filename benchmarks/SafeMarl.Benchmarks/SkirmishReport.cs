using System.Diagnostics;
using SafeMarl.Environments;
using SafeMarl.Environments.Skirmish;
using static SafeMarl.Benchmarks.Measurements;

namespace SafeMarl.Benchmarks;

/// <summary>Skirmish maps on one thread with random available actions, against the published Python engine where its speed is known.</summary>
internal static class SkirmishReport
{
    private const int Rounds = 9;
    private const double SecondsPerRound = 0.2;

    // SMAClite's numpy engine with random actions, as published, steps a second on one thread.
    private static readonly Dictionary<string, double> Published = new() { ["3m"] = 351, ["2s3z"] = 220, ["27m_vs_30m"] = 42 };

    public static void Print()
    {
        Console.WriteLine($"Skirmish, one thread, random available actions, resets included; medians of {Rounds} rounds taken in turns");
        Console.WriteLine("map             steps/s   ratio to SMAClite   bytes allocated per step");
        Run[] runs = [.. SkirmishMap.Names.Select(name => new Run(new SkirmishBattle(SkirmishMap.BuiltIn(name))))];
        foreach (Run run in runs)
            run.WarmUp();
        for (int round = 0; round < Rounds; round++)
        {
            foreach (Run run in runs)
                run.Measure();
        }
        foreach (Run run in runs)
        {
            string ratio = Published.TryGetValue(run.Map, out double published) ? $"{run.Rate / published:N0}" : "";
            Console.WriteLine($"{run.Map,-13} {run.Rate,9:N0}   {ratio,17}   {run.BytesPerStep,24:N1}");
        }
        Console.WriteLine();
    }

    private sealed class Run(SkirmishBattle battle)
    {
        private const int WarmUpSteps = 2_000;

        private readonly StepMemory _memory = new(battle.Spec, 1);
        private readonly float[] _actions = new float[battle.Spec.Layout.ActionSize];
        private readonly List<double> _rates = [];
        private RandomStream _random = new(1);
        private EpisodeStatus _status = EpisodeStatus.Terminated;
        private long _episodes, _bytes, _counted;
        private int _steps;

        public string Map => battle.Map.Name;

        public double Rate => Median(_rates);

        public double BytesPerStep => (double)_bytes / _counted;

        public void WarmUp()
        {
            Play(WarmUpSteps);
            _steps = (int)Math.Max(200, WarmUpSteps * SecondsPerRound / Seconds(() => Play(WarmUpSteps)));
        }

        public void Measure()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            Play(_steps);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            _bytes += GC.GetAllocatedBytesForCurrentThread() - before;
            _counted += _steps;
            _rates.Add(_steps / seconds);
        }

        private void Play(int count)
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
