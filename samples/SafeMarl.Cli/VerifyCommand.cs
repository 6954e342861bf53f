using Microsoft.ML;
using SafeMarl.ML;
using Spectre.Console;

namespace SafeMarl.Cli;

/// <summary>Verifies a policy's safety on fresh episodes, and writes the policy with its safety card.</summary>
internal static class VerifyCommand
{
    public const string ModelFile = "verified.zip", PolicyExtension = ".safetensors";

    public static int Verify(string path, string? task, string[] taskSet, VerificationOptions options, string? output)
    {
        var mlContext = new MLContext();
        StoredPolicy stored = StoredPolicy.Load(mlContext, path);
        IDataView environment = mlContext.SafeMarl().LoadFromEnvironment(stored.CreateTask(task, taskSet));
        SafetyVerification verification = mlContext.SafeMarl().Verify(stored.Policy, environment, options);

        output ??= Path.Combine(Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!, ModelFile);
        if (Path.GetExtension(output).Equals(PolicyExtension, StringComparison.OrdinalIgnoreCase))
            verification.Policy.Policy.Save(output);
        else
            mlContext.Model.Save(verification.Policy, environment.Schema, output);
        InspectCommand.Show(verification.Card);
        AnsiConsole.MarkupLine($"policy with its safety card: {Markup.Escape(output)}");
        return 0;
    }
}
