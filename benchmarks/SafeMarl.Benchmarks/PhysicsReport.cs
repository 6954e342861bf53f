using SafeMarl.Environments;
using static SafeMarl.Benchmarks.Measurements;

namespace SafeMarl.Benchmarks;

/// <summary>VectorEnvironment against the physics alone on the same number of threads, in turns.</summary>
internal static class PhysicsReport
{
    private const int Rounds = 9, StepsPerRound = 1_000;

    public static void Print()
    {
        Console.WriteLine($"Safe HalfCheetah 2x3, {Cheetah.Environments} environments, random actions; medians of {Rounds} rounds taken in turns");
        Console.WriteLine("threads   physics alone   VectorEnvironment   ratio   bytes allocated per step");
        for (int threads = 1; threads <= Math.Min(2, Environment.ProcessorCount); threads++)
        {
            using VectorEnvironment vector = Cheetah.CreateVector(threads);
            var actions = new float[Cheetah.Environments * vector.Spec.Layout.ActionSize];
            var random = new RandomStream(1);
            Steps(vector, actions, ref random, StepsPerRound);
            PhysicsLoop.OfCheetah.Measure(threads, Cheetah.Environments / threads, StepsPerRound);
            var alone = new double[Rounds];
            var stepped = new double[Rounds];
            long allocated = 0;
            for (int round = 0; round < Rounds; round++)
            {
                alone[round] = PhysicsLoop.OfCheetah.Measure(threads, Cheetah.Environments / threads, StepsPerRound * Cheetah.Environments / threads);
                long before = GC.GetTotalAllocatedBytes(precise: true);
                stepped[round] = StepsPerRound * Cheetah.Environments / Seconds(() => Steps(vector, actions, ref random, StepsPerRound));
                allocated += GC.GetTotalAllocatedBytes(precise: true) - before;
            }
            Console.WriteLine($"{threads,7}   {Median(alone),11:N0}/s   {Median(stepped),15:N0}/s   {Median(stepped.Zip(alone, (s, a) => s / a)),5:P0}   "
                + $"{allocated / (Rounds * StepsPerRound * Cheetah.Environments)}");
        }
        Console.WriteLine();
    }

    private static void Steps(VectorEnvironment vector, float[] actions, ref RandomStream random, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            foreach (ref float action in actions.AsSpan())
                action = (float)random.NextUniform(-1, 1);
            vector.Step(actions);
        }
    }
}
