namespace SafeMarl.ML.Training;

/// <summary>Messages of a run for people.</summary>
internal interface ITrainingLog
{
    void Info(string message);

    void Warning(string message);
}
