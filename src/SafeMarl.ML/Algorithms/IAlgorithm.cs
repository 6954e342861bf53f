using SafeMarl.ML.Files;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Algorithms;

/// <summary>An algorithm: what it has learned, and how it learns from a batch. It does no I/O and knows neither environments nor loops.</summary>
internal interface IAlgorithm<TBatch> : ICheckpointed, IDisposable
{
    /// <summary>The policy to act by; it changes when it is published and when a checkpoint is loaded, and at no other time.</summary>
    Policy Policy { get; }

    /// <summary>Learns from a batch and says in numbers how that went.</summary>
    Metrics Update(TBatch batch);

    /// <summary>Brings <see cref="Policy"/> up to date with what has been learned.</summary>
    void Publish();
}
