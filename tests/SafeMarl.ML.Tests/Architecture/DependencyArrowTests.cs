using System.Text.RegularExpressions;

namespace SafeMarl.ML.Tests.Architecture;

/// <summary>
/// The arrows of the design: which folder of the library may use which. Types are found by name in the source, so that a reference counts
/// whatever namespace it goes through.
/// </summary>
public sealed partial class DependencyArrowTests
{
    // Plain data that any folder may name: options, choices, errors, and the environment package's vocabulary.
    private static readonly string[] Vocabulary = ["RandomStream", "ActionSpace"];

    // Choices that users have, wherever they are declared.
    private static readonly string[] Choices = [.. SourceTree.Files("src/SafeMarl.ML").SelectMany(f => PublicEnumeration().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value))];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Files"] = [],
        ["Threading"] = [],
        ["Returns"] = ["Files"],
        ["Constraints"] = [],
        ["Policies"] = ["Files", "Trainers:ColumnNames", "Trainers:AlgorithmNames"],
        ["Buffers"] = ["Files"],
        ["Losses"] = [],
        ["Networks"] = ["Files", "Policies", "Threading"],
        ["Optimization"] = ["Files"],
        ["Algorithms"] = ["Files", "Returns", "Constraints", "Policies", "Buffers", "Losses", "Networks", "Optimization", "Threading", "Trainers:ConstrainedOptions"],
        ["Evaluation"] = ["Policies", "Threading"],
        ["Training"] = ["Files", "Policies", "Buffers", "Algorithms", "Threading"],
        ["Trainers"] = ["Training", "Algorithms", "Networks", "Policies", "Buffers:TaskShape", "Buffers:EpisodeDraw"],
        ["DependencyInjection"] = ["Trainers", ""],
        [""] = ["Trainers", "Training", "Evaluation", "Policies"],
    };

    [Test]
    public void Folders_UseOnlyWhatTheDesignAllows()
    {
        Dictionary<string, string> owner = Declarations();
        var offences = new List<string>();
        foreach (string file in SourceTree.Files("src/SafeMarl.ML"))
        {
            string folder = FolderOf(file);
            foreach (string type in Identifiers(file).Where(owner.ContainsKey).Distinct())
            {
                string target = owner[type];
                if (target != folder && !Allowed[folder].Contains(target) && !Allowed[folder].Contains($"{target}:{type}") && !IsVocabulary(type))
                    offences.Add($"{Path.GetRelativePath(SourceTree.Root, file)} uses {type} of {(target.Length == 0 ? "the root" : target)}");
            }
        }

        Assert.That(offences, Is.Empty);
    }

    [Test]
    public void Environments_AreSeenByTrainingEvaluationAndTheFaceOnly()
    {
        string[] environmentTypes = [.. SourceTree.Files("src/SafeMarl.Environments").SelectMany(Declared).Except(Vocabulary)];
        string[] offences = [.. SourceTree.Files("src/SafeMarl.ML").Where(f => FolderOf(f) is not ("Training" or "Trainers" or "Evaluation" or ""))
            .SelectMany(f => Identifiers(f).Intersect(environmentTypes).Select(t => $"{Path.GetRelativePath(SourceTree.Root, f)} uses {t}"))];

        Assert.That(offences, Is.Empty);
    }

    [TestCase("TorchSharp", new[] { "Algorithms", "Losses", "Networks", "Optimization" })]
    [TestCase("Microsoft.ML", new[] { "", "Trainers", "DependencyInjection", "Policies" })]
    [TestCase("Microsoft.Extensions", new[] { "DependencyInjection" })]
    public void Packages_AreSeenWhereTheDesignPutsThem(string package, string[] folders)
    {
        string[] offences = [.. SourceTree.Files("src/SafeMarl.ML").Where(f => CodeLines(f).Any(line => Regex.IsMatch(line, $@"\b{Regex.Escape(package)}\b(?!\.dll)")))
            .Where(f => !folders.Contains(FolderOf(f))).Select(f => Path.GetRelativePath(SourceTree.Root, f))];

        Assert.That(offences, Is.Empty);
    }

    [Test]
    public void EnvironmentPackage_KnowsNothingOfLearning()
    {
        string[] offences = [.. SourceTree.Files("src/SafeMarl.Environments").Where(f => Regex.IsMatch(File.ReadAllText(f), @"TorchSharp|Microsoft\.ML|SafeMarl\.ML"))];

        Assert.That(offences, Is.Empty);
    }

    [Test]
    public void AlgorithmFamilies_DoNotKnowEachOther()
    {
        string[] families = [.. Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "src/SafeMarl.ML/Algorithms")).Select(d => Path.GetFileName(d)!)];
        string[] offences = [.. families.SelectMany(family => SourceTree.Files($"src/SafeMarl.ML/Algorithms/{family}")
            .Where(f => families.Where(other => other != family).Any(other => File.ReadAllText(f).Contains($"Algorithms.{other}", StringComparison.Ordinal))))];

        Assert.That(offences, Is.Empty);
    }

    [TestCase("Algorithms", 300)]
    [TestCase("Losses", 100)]
    [TestCase("Returns", 100)]
    [TestCase("Constraints", 100)]
    [TestCase("Optimization", 100)]
    public void Files_StayAsShortAsTheStyleAsks(string folder, int lines)
    {
        string[] offences = [.. SourceTree.Files($"src/SafeMarl.ML/{folder}").Where(f => File.ReadLines(f).Count() > lines).Select(f => $"{Path.GetRelativePath(SourceTree.Root, f)}: {File.ReadLines(f).Count()}")];

        Assert.That(offences, Is.Empty);
    }

    private static bool IsVocabulary(string type) =>
        Vocabulary.Contains(type) || Choices.Contains(type) || type.EndsWith("Options", StringComparison.Ordinal) || type.EndsWith("Exception", StringComparison.Ordinal);

    private static Dictionary<string, string> Declarations()
    {
        var owner = new Dictionary<string, string>();
        foreach (string file in SourceTree.Files("src/SafeMarl.ML"))
        {
            foreach (string type in Declared(file))
                owner[type] = FolderOf(file);
        }
        return owner;
    }

    // Types of a file, not those nested in them.
    private static IEnumerable<string> Declared(string file) => TypeDeclaration().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value);

    private static IEnumerable<string> Identifiers(string file) => Identifier().Matches(string.Join('\n', CodeLines(file))).Select(m => m.Value).Distinct();

    private static IEnumerable<string> CodeLines(string file) => File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal));

    private static string FolderOf(string file)
    {
        string relative = Path.GetRelativePath(Path.Combine(SourceTree.Root, "src/SafeMarl.ML"), file);
        int slash = relative.IndexOf(Path.DirectorySeparatorChar);
        return slash < 0 ? "" : relative[..slash];
    }

    [GeneratedRegex(@"^(?:public|internal)(?: static| sealed| abstract| readonly| partial| unsafe| ref)* (?:class|record struct|record|struct|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^public enum (\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicEnumeration();

    // A name in the place of a type: not a member after a dot, not a method or property being declared.
    [GeneratedRegex(@"(?<![.\w])[A-Z]\w+\b(?=[<\[.?),>;]|\s+\w|\s*$)|(?<=new )[A-Z]\w+\b", RegexOptions.Multiline)]
    private static partial Regex Identifier();
}
