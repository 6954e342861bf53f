using SafeMarl.Environments;
using SafeMarl.ML;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Training;
using static SafeMarl.Benchmarks.Measurements;

namespace SafeMarl.Benchmarks;

/// <summary>MAFOCOPS with default options, rollout and update, against the physics alone on two threads; and where the time goes.</summary>
internal static class TrainingReport
{
    private const int Rounds = 7, Threads = 2;

    public static void Print()
    {
        var options = new MafocopsOptions { CostLimit = 30 };
        TorchSharp.torch.set_num_threads(1);
        using VectorEnvironment vector = Cheetah.CreateVector(Threads);
        TaskShape shape = TaskShapes.Of(vector.Spec);
        using var algorithm = new Mafocops(shape, options, Threads, seed: 1, Placement.Parse("cpu"));
        var buffer = new RolloutBuffer(shape, options.RolloutSteps, vector.Count);
        var collector = new Collector(vector, new RolloutWriter(buffer, vector.Spec), seed: 1);
        long samples = (long)options.RolloutSteps * vector.Count, steps = 0;

        var alone = new double[Rounds];
        var collect = new double[Rounds];
        var update = new double[Rounds];
        for (int round = -1; round < Rounds; round++) // the first one warms up
        {
            double physics = samples / PhysicsLoop.OfCheetah.Measure(Threads, Cheetah.Environments / Threads, (int)samples / Threads);
            OnPolicyBatch batch = null!;
            double collected = Seconds(() => batch = OnPolicyLoop.Collect(collector, buffer, algorithm.Policy, round + 1, steps));
            double updated = Seconds(() =>
            {
                algorithm.Update(batch);
                algorithm.Publish();
            });
            steps += samples;
            if (round >= 0)
                (alone[round], collect[round], update[round]) = (physics, collected, updated);
        }

        double[] total = [.. collect.Zip(update, (c, u) => c + u)];
        double physicsShare = Share(alone), collectShare = Share(collect);
        Console.WriteLine($"MAFOCOPS, default options, Safe HalfCheetah 2x3, {Threads} threads, CPU; medians of {Rounds} iterations of {samples:N0} steps");
        Console.WriteLine($"physics alone          {samples / Median(alone),8:N0} steps/s");
        Console.WriteLine($"training, end to end   {samples / Median(total),8:N0} steps/s   {Median(alone.Zip(total, (a, t) => a / t)):P0} of the physics alone");
        Console.WriteLine($"of an iteration's {Median(total):0.00} s: physics {physicsShare:P0}, acting and storing {collectShare - physicsShare:P0}, learning {Share(update):P0}");
        Console.WriteLine();

        double Share(double[] seconds) => Median(seconds.Zip(total, (s, t) => s / t));
    }
}
