namespace TorchSharp.Modules;

public abstract class OptimizerHelper : torch.optim.Optimizer
{
    private protected OptimizerHelper(IEnumerable<Parameter> parameters) => List = [.. parameters];

    private protected Parameter[] List { get; }

#nullable disable annotations
    public override IEnumerable<Parameter> parameters() => List;

    /// <summary>Fills the gradients with zeros; a parameter that has none yet stays without.</summary>
    public override void zero_grad() => Native.Check(Native.smt_zero_grad(torch.Handles(List), List.Length), this);

    public void save_state_dict(BinaryWriter writer) => Save(writer);

    /// <exception cref="InvalidDataException">The data does not belong to an optimiser of these parameters; nothing was changed.</exception>
    public void load_state_dict(BinaryReader reader) => Load(reader);
#nullable restore annotations

    private protected abstract void Save(BinaryWriter writer);

    private protected abstract void Load(BinaryReader reader);
}
