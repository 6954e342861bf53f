namespace SafeMarl.ML.Files;

/// <summary>Something whose state goes into a checkpoint.</summary>
internal interface ICheckpointed
{
    /// <summary>Writes everything that the rest of the run depends on.</summary>
    void Save(TensorFile file);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    void Load(TensorFile file);
}
