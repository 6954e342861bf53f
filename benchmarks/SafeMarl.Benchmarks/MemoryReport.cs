using System.Diagnostics;
using Microsoft.ML;
using SafeMarl.ML;
using TorchSharp;

namespace SafeMarl.Benchmarks;

/// <summary>Live tensors and memory over 1,000 updates of MAFOCOPS with networks of the default size.</summary>
internal static class MemoryReport
{
    private const int Updates = 1_000;

    public static void Print()
    {
        var options = new MafocopsOptions
        {
            CostLimit = 30, Seed = 1, Device = "cpu", Environments = Cheetah.Environments, RolloutSteps = 16, Epochs = 1, TotalSteps = Updates * 16 * Cheetah.Environments,
        };
        Console.WriteLine($"MAFOCOPS, Safe HalfCheetah 2x3, {Updates} updates on rollouts of {options.RolloutSteps} x {options.Environments} steps");
        Console.WriteLine("updates   live tensors   working set");
        new MLContext(1).SafeMarl().Trainers.Mafocops(options).Fit(Cheetah.Create, new TrainingRun { Sinks = [new Watch()] });
        using Process process = Process.GetCurrentProcess();
        Console.WriteLine($"peak working set of this process: {process.PeakWorkingSet64 / 1e6:N0} MB");
        Console.WriteLine();
    }

    private sealed class Watch : IMetricSink
    {
        public void Emit(TrainingProgress progress)
        {
            if (progress.Iteration is not (10 or 100 or Updates))
                return;
            using Process process = Process.GetCurrentProcess();
            Console.WriteLine($"{progress.Iteration,7}   {torch.Tensor.TotalCount,12}   {process.WorkingSet64 / 1e6,8:N0} MB");
        }
    }
}
