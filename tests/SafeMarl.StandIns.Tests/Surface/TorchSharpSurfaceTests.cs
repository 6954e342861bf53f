using System.Text.RegularExpressions;
using TorchSharp;

namespace SafeMarl.StandIns.Tests.Surface;

/// <summary>
/// What keeps code that compiles against the stand-in compiling against official TorchSharp 0.102.6 to 0.107.0: every public member of the
/// stand-in is, letter for letter, in the surface of both versions.
/// </summary>
public sealed class TorchSharpSurfaceTests
{
    // Types that the files name as a base, an interface or a parameter of something listed, but whose own lines they do not have. They
    // must exist, or the lines that name them could not. Their members must each be a member of a listed type that implements them.
    private static readonly string[] NamedOnly =
    [
        "TorchSharp.torch.nn.HookableModule`2", "TorchSharp.torch.optim.IBetas", "TorchSharp.torch.optim.ILearningRateController", "TorchSharp.torch.RoundingMode",
    ];

    // Their members are listed, but not the line that says what kind of type they are.
    private static readonly string[] WithoutTypeLine = ["TorchSharp.torch", "TorchSharp.torch.Tensor", "TorchSharp.torch.nn"];

    [Test]
    public void StandIn_EveryPublicMember_IsInBothOfficialSurfaces()
    {
        (HashSet<string> older, HashSet<string> newer) = OfficialSurfaces();
        IReadOnlyList<string> lines = TorchApiLines.Of(typeof(torch).Assembly);
        var offending = lines.Where(line => !IsAllowed(line, older, newer)).ToList();

        Assert.That(offending, Is.Empty, string.Join('\n', offending));
        Assert.That(lines, Has.Count.GreaterThan(300), "the writer sees the assembly");
    }

    [Test]
    public void Exceptions_NamedOnlyTypes_AreNamedByBothSurfacesAndListedByNeitherAlike()
    {
        (HashSet<string> older, HashSet<string> newer) = OfficialSurfaces();
        foreach (string type in NamedOnly)
        {
            var use = new Regex(@"\b" + Regex.Escape(Relative(type)) + @"\b");
            Assert.That(older.Any(line => use.IsMatch(line)) && newer.Any(line => use.IsMatch(line)), Is.True, $"{type} is named by both");
            Assert.That(older.Intersect(newer).Any(line => line.StartsWith(type + " :: ", StringComparison.Ordinal)), Is.False, $"{type} needs no exception");
        }
    }

    [Test]
    public void Exceptions_TypesWithoutTypeLine_HaveMembersInBothSurfacesButNoTypeLine()
    {
        (HashSet<string> older, HashSet<string> newer) = OfficialSurfaces();
        foreach (string type in WithoutTypeLine)
        {
            foreach (HashSet<string> surface in new[] { older, newer })
            {
                Assert.That(surface.Any(line => line.StartsWith(type + " :: ", StringComparison.Ordinal)), Is.True, type);
                Assert.That(surface.Any(line => line.StartsWith(type + " :: type ", StringComparison.Ordinal)), Is.False, type);
            }
        }
    }

    [Test]
    public void Writer_OfficialLinesOfKnownMembers_AreReproduced()
    {
        IReadOnlyList<string> lines = TorchApiLines.Of(typeof(torch).Assembly);
        string[] known =
        [
            "TorchSharp.DeviceType :: static field DeviceType CUDA = 1",
            "TorchSharp.DisposeScope :: method ValueTuple<T1,T2> MoveToOther<T1,T2>(DisposeScope? scope, T1 first, T2 second)",
            "TorchSharp.DisposeScope :: type sealed class impl IDisposable",
            "TorchSharp.Modules.Adam :: override method Tensor step(Func<Tensor> closure = null)",
            "TorchSharp.Modules.Adam :: property (double, double) Betas { get; set; }",
            "TorchSharp.Modules.Adam :: type class : Modules.OptimizerHelper impl IDisposable,optim.IBetas",
            "TorchSharp.Modules.LayerNorm :: property Modules.Parameter? bias { get; set; }",
            "TorchSharp.TensorExtensionMethods :: static ext method float ToSingle(Tensor value)",
            "TorchSharp.torch :: static method Tensor tensor(float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, "
                + "bool requires_grad = false, string[]? names = null)",
            "TorchSharp.torch.Tensor :: method (Tensor values, Tensor indexes) max(long dim, bool keepdim = false)",
            "TorchSharp.torch.Tensor :: method T item<T>()",
            "TorchSharp.torch.Tensor :: override method bool Equals(object? obj)",
            "TorchSharp.torch.Tensor :: property Tensor? grad { get; set; }",
            "TorchSharp.torch.Tensor :: static method Tensor op_Addition(Tensor left, double right)",
            "TorchSharp.torch.nn :: static method Modules.LayerNorm LayerNorm(long normalized_shape, double eps = 1E-05, bool elementwise_affine = true, bool bias = true, "
                + "Device? device = null, ScalarType? dtype = null)",
            "TorchSharp.torch.nn.Module :: protected virtual method void RegisterComponents()",
            "TorchSharp.torch.nn.Module :: virtual method IEnumerable<(string, Modules.Parameter)> named_parameters(bool recurse = true)",
            "TorchSharp.torch.nn.Module`2 :: abstract method TResult forward(T input)",
            "TorchSharp.torch.nn.functional :: static method Tensor huber_loss(Tensor input, Tensor target, double delta = 1, nn.Reduction reduction = 1)",
        ];
        Assert.That(known.Except(lines), Is.Empty);
    }

    private static bool IsAllowed(string line, HashSet<string> older, HashSet<string> newer)
    {
        if (older.Contains(line) && newer.Contains(line))
            return true;
        string[] parts = line.Split(" :: ", 2);
        bool isTypeLine = parts[1].StartsWith("type ", StringComparison.Ordinal);
        if (isTypeLine)
            return WithoutTypeLine.Contains(parts[0]) || NamedOnly.Contains(parts[0]);
        if (!NamedOnly.Contains(parts[0]))
            return false;
        var implementer = new Regex(@"^(\S+) :: type .*\b" + Regex.Escape(Relative(parts[0])) + @"(,|$)");
        return older.Intersect(newer).Select(candidate => implementer.Match(candidate)).Where(match => match.Success)
            .Any(match => older.Contains($"{match.Groups[1].Value} :: {parts[1]}") && newer.Contains($"{match.Groups[1].Value} :: {parts[1]}"));
    }

    private static string Relative(string type) => Regex.Replace(type, @"^TorchSharp\.(torch\.)?|`\d+$", "");

    private static (HashSet<string> Older, HashSet<string> Newer) OfficialSurfaces() => (Read("torchsharp-0.102.6.txt"), Read("torchsharp-0.107.0.txt"));

    // Up to 0.102 the module itself is the first type argument of the base of Module<,>; nobody who derives from it sees that.
    private static HashSet<string> Read(string file) =>
        [.. ApiFolder.Lines(file).Select(line => line.Replace(" : nn.HookableModule<nn.Module<T,TResult>,Func<", " : nn.HookableModule<Func<", StringComparison.Ordinal))];
}
