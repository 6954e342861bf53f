namespace TorchSharp.Modules;

/// <summary>A tensor that training changes.</summary>
public class Parameter : torch.Tensor
{
#nullable disable annotations
    /// <param name="data">Gives its contents away and is empty afterwards.</param>
    /// <param name="requires_grad">Whether gradients are computed for it.</param>
    public Parameter(torch.Tensor data, bool requires_grad = true)
        : base(data)
        => this.requires_grad = requires_grad;
#nullable restore annotations
}
