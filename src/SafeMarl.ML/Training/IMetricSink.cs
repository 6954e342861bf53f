namespace SafeMarl.ML;

/// <summary>Receives a run's progress after every iteration, on the training thread.</summary>
public interface IMetricSink
{
    /// <summary>Takes one report.</summary>
    void Emit(TrainingProgress progress);
}
