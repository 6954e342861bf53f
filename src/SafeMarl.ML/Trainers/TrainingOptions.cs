using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>What every training run needs to know, whatever the algorithm.</summary>
public abstract class TrainingOptions
{
    /// <summary>Environment steps (joint actions, over all environments) to train for. Whole rollouts are taken, so a run may end slightly later.</summary>
    [Range(1, long.MaxValue)]
    public long TotalSteps { get; set; } = 10_000_000; // MAFOCOPS and HARL: 1e7

    /// <summary>Seed of everything random in the run; null: drawn from the <c>MLContext</c>.</summary>
    public int? Seed { get; set; }

    /// <summary>Where tensors live: "auto" (CUDA if there is one), "cpu", "cuda" or "cuda:N". Acting is always done by managed code on the CPU.</summary>
    [Required, RegularExpression("auto|cpu|cuda(:[0-9]+)?")]
    public string Device { get; set; } = "auto";

    /// <summary>Threads that step environments and update networks; 0: one per processor. The results do not depend on it.</summary>
    [Range(0, 1024)]
    public int WorkerThreads { get; set; }
}
