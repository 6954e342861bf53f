using SafeMarl.ML.Files;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SafeMarl.ML.Networks;

/// <summary>Parameters of modules in checkpoint files.</summary>
internal static class ModuleState
{
    public static void Save(this nn.Module module, TensorFile file, string prefix)
    {
        foreach ((string name, Parameter parameter) in module.named_parameters())
            file.Add<float>($"{prefix}.{name}", parameter.ToFloats(), parameter.shape);
    }

    public static void Load(this nn.Module module, TensorFile file, string prefix)
    {
        foreach ((string name, Parameter parameter) in module.named_parameters())
            parameter.SetValues(file.Get<float>($"{prefix}.{name}", parameter.shape));
    }
}
