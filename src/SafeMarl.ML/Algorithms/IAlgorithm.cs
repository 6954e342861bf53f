using SafeMarl.ML.Files;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Algorithms;

/// <summary>An algorithm: what it has learned, and how it learns from a batch. It does no I/O and knows neither environments nor loops.</summary>
internal interface IAlgorithm<TBatch> : IDisposable
{
    /// <summary>The policy to act by; every update brings it up to date.</summary>
    Policy Policy { get; }

    /// <summary>Learns from a batch and says in numbers how that went.</summary>
    Metrics Update(TBatch batch);

    /// <summary>Writes everything that further updates depend on.</summary>
    void Save(TensorFile file);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    void Load(TensorFile file);
}
