using System.Reflection;
using System.Reflection.Emit;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace SafeMarl.StandIns.Tests.MicrosoftML;

internal sealed class ModelFileTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Test]
    public void SaveAndLoad_AChainInAChain_GivesTheSameChainsAndValues()
    {
        var source = new GeneratedDataView();
        var inner = PolicySample.Fit(_ml);
        var model = inner.Append(_ml.Transforms.SelectColumns("Action", "Parameters").Fit(inner.Transform(source)));

        ITransformer loaded = Reload(model, source.Schema, out DataViewSchema? schema);

        Assert.That(loaded, Is.InstanceOf<TransformerChain<ITransformer>>());
        Assert.That(Describe(loaded), Is.EqualTo(Describe(model).Replace("Chain<ColumnSelectingTransformer>", "Chain<ITransformer>")));
        Assert.That(loaded.Transform(source).Schema.Select(c => c.ToString()), Is.EqualTo(model.Transform(source).Schema.Select(c => c.ToString())));
        Assert.That(Actions(loaded), Is.EqualTo(Actions(model)));
        Assert.That(schema!.Select(c => c.ToString()), Is.EqualTo(source.Schema.Select(c => c.ToString())));
    }

    [Test]
    public void SaveAndLoad_NestedChains_StayNested()
    {
        var source = new GeneratedDataView();
        var copy = _ml.Transforms.CopyColumns("A", "Reward").Fit(source);
        var model = new TransformerChain<ITransformer>(new TransformerChain<ITransformer>(copy, new TransformerChain<ITransformer>()), copy);

        ITransformer loaded = Reload(model, null, out DataViewSchema? schema);

        Assert.That(Describe(loaded), Is.EqualTo("Chain<ITransformer>[Chain<ITransformer>[ColumnCopyingTransformer, Chain<ITransformer>[]], ColumnCopyingTransformer]"));
        Assert.That(schema, Is.Null);
    }

    [Test]
    public void SaveAndLoad_ATransformerThatDelegates_LoadsAsTheOtherOne()
    {
        var model = new WrappingTransformer(PolicySample.Fit(_ml));

        ITransformer loaded = Reload(model, null, out _);
        ITransformer nested = Reload(new TransformerChain<ITransformer>(model), null, out _);

        Assert.That(loaded, Is.InstanceOf<TransformerChain<ITransformer>>());
        Assert.That(Actions(loaded), Is.EqualTo(Actions(model)));
        Assert.That(Describe(nested), Is.EqualTo($"Chain<ITransformer>[{Describe(loaded)}]"));
    }

    [Test]
    public void SaveAndLoad_OneTransformerOrNone_LoadsAsItselfOrAsAnEmptyChain()
    {
        ITransformer copy = _ml.Transforms.CopyColumns("A", "Reward").Fit(new GeneratedDataView());

        Assert.That(Reload(copy, null, out _), Is.InstanceOf<ColumnCopyingTransformer>());
        Assert.That(Describe(Reload(null, null, out _)), Is.EqualTo("Chain<ITransformer>[]"));
    }

    [Test]
    public void SaveAndLoad_ScopesOfAChain_AreKept()
    {
        var source = new GeneratedDataView();
        ITransformer model = new EstimatorChain<ITransformer>().Append(_ml.Transforms.CopyColumns("A", "Reward"), TransformerScope.Training)
            .Append(_ml.Transforms.CopyColumns("B", "Reward"), TransformerScope.Scoring).Fit(source);

        var loaded = (TransformerChain<ITransformer>)Reload(model, null, out _);

        Assert.That(loaded.GetOutputSchema(source.Schema, TransformerScope.Scoring).GetColumnOrNull("A"), Is.Null);
        Assert.That(loaded.GetOutputSchema(source.Schema, TransformerScope.Training).GetColumnOrNull("A"), Is.Not.Null);
    }

    [Test]
    public void SaveAndLoad_EveryPrimitiveType_KeepsTheTable()
    {
        CheckTable((true, "yes"), (false, "no"));
        CheckTable((sbyte.MinValue, (short)-3), (sbyte.MaxValue, short.MaxValue));
        CheckTable((byte.MaxValue, ushort.MaxValue));
        CheckTable((int.MinValue, uint.MaxValue));
        CheckTable((long.MinValue, ulong.MaxValue));
        CheckTable((0.1f, double.Epsilon), (float.NaN, -0.0));
        CheckTable(("ключ\0\n", true), ("", false));
    }

    [Test]
    public void SaveAndLoad_ASchemaWithHiddenColumnsAndAnnotations_IsTheSame()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue("Low", NumberDataViewType.Double, -1.5);
        annotations.AddPrimitiveValue("Unit", TextDataViewType.Instance, "m/s".AsMemory());
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", BooleanDataViewType.Instance);
        builder.AddColumn("A", new VectorDataViewType(NumberDataViewType.Int64, 2, 0), annotations.ToAnnotations());
        builder.AddColumns(new GeneratedDataView().Schema);
        DataViewSchema schema = builder.ToSchema();

        Reload(null, schema, out DataViewSchema? loaded);
        double low = 0;
        ReadOnlyMemory<char> unit = default;
        VBuffer<ReadOnlyMemory<char>> names = default;
        loaded!["A"].Annotations.GetValue("Low", ref low);
        loaded["A"].Annotations.GetValue("Unit", ref unit);
        loaded["Observation"].GetSlotNames(ref names);

        Assert.That(loaded.Select(c => (c.ToString(), c.IsHidden)), Is.EqualTo(schema.Select(c => (c.ToString(), c.IsHidden))));
        Assert.That((low, unit.ToString()), Is.EqualTo((-1.5, "m/s")));
        Assert.That(names.DenseValues().Select(n => n.ToString()), Is.EqualTo(new[] { "o0", "o1", "o2" }));
    }

    [Test]
    public void Save_TheSameModelTwice_GivesTheSameBytes()
    {
        byte[] first = Bytes(PolicySample.Fit(_ml), new GeneratedDataView().Schema);
        byte[] second = Bytes(PolicySample.Fit(new MLContext()), new GeneratedDataView().Schema);

        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    public void Save_ToAPath_ReplacesTheFileAndLeavesNothingElse()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.zip");
        File.WriteAllText(path, "old");

        _ml.Model.Save(PolicySample.Fit(_ml), null, path);

        Assert.That(Actions(_ml.Model.Load(path, out _)), Is.EqualTo(Actions(PolicySample.Fit(_ml))));
        Assert.That(Directory.GetFiles(folder.Path), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void Save_ThatFails_LeavesTheOldFile()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.zip");
        File.WriteAllText(path, "old");
        ITransformer unsaveable = PolicySample.Pipeline(_ml, contract: null!).Fit(new GeneratedDataView());

        Assert.That(() => _ml.Model.Save(unsaveable, null, path), Throws.InvalidOperationException.With.Message.Contains("contract"));
        Assert.That(() => _ml.Model.Save(new Silent(), null, path), Throws.InvalidOperationException.With.Message.Contains(nameof(Silent)));
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1));
        Assert.That(() => _ml.Model.Save(null, null, Path.Combine(folder.Path, "none", "model.zip")), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void Load_AStreamThatStandsAtItsEnd_ReadsItFromTheStart()
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(PolicySample.Fit(_ml), null, stream);

        Assert.That(Describe(_ml.Model.Load(stream, out _)), Is.EqualTo(Describe(PolicySample.Fit(_ml))));
        Assert.That(stream.CanWrite, Is.True, "the stream is left open");
    }

    [Test]
    public void Load_AMissingFile_SaysSo() =>
        Assert.That(() => _ml.Model.Load(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString()), out _), Throws.InstanceOf<FileNotFoundException>());

    [Test]
    public void Load_AContractThatTheAssemblyDoesNotHave_NamesBoth()
    {
        ITransformer model = PolicySample.Pipeline(_ml, contract: "No.Such.Contract/9").Fit(new GeneratedDataView());

        Assert.That(() => Reload(model, null, out _), Throws.InvalidOperationException
            .With.Message.Contains("No.Such.Contract/9").And.Message.Contains(typeof(PolicyContract).Assembly.GetName().Name!));
    }

    [Test]
    public void Load_AContractOfAnAssemblyThatIsGone_IsFoundOnceRegistered()
    {
        byte[] file = Bytes(ModelOfAVanishedAssembly(StatelessContract.Contract), null);
        var ml = new MLContext();

        Assert.That(() => ml.Model.Load(new MemoryStream(file), out _), Throws.InvalidOperationException
            .With.Message.Contains(StatelessContract.Contract).And.Message.Contains("Vanished").And.InnerException.InstanceOf<IOException>());
        ml.ComponentCatalog.RegisterAssembly(typeof(StatelessContract).Assembly);
        ITransformer loaded = ml.Model.Load(new MemoryStream(file), out _);

        Assert.That(loaded, Is.InstanceOf<CustomMappingTransformer<StatelessInput, StatelessOutput>>());
        IDataView view = ml.Data.LoadFromEnumerable(new[] { new StatelessInput { Number = 4 } });
        Assert.That(loaded.Transform(view).GetColumn<int>("Twice"), Is.EqualTo(new[] { 8 }));
    }

    [Test]
    public void Load_AContractOfAClassThatIsNoFactory_SaysSo()
    {
        ITransformer model = PolicySample.Pipeline(_ml, contract: NoFactory.Contract).Fit(new GeneratedDataView());

        Assert.That(() => Reload(model, null, out _), Throws.InvalidOperationException.With.Message.Contains(nameof(NoFactory)));
    }

    // A fresh context each time: contracts are found by what the file says, not by what was registered before.
    private ITransformer Reload(ITransformer? model, DataViewSchema? schema, out DataViewSchema? inputSchema)
    {
        ITransformer loaded = new MLContext().Model.Load(new MemoryStream(Bytes(model, schema)), out DataViewSchema read);
        inputSchema = read;
        return loaded;
    }

    private byte[] Bytes(ITransformer? model, DataViewSchema? schema)
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(model, schema, stream);
        return stream.ToArray();
    }

    private float[][] Actions(ITransformer model) => [.. _ml.Data.TakeRows(model.Transform(new GeneratedDataView()), 4).GetColumn<float[]>("Action")];

    private static string Describe(ITransformer model)
    {
        if (model is not IEnumerable<ITransformer> parts)
            return model.GetType().Name;
        return $"Chain<{model.GetType().GenericTypeArguments[0].Name}>[{string.Join(", ", parts.Select(Describe))}]";
    }

    private void CheckTable<TKey, TValue>(params (TKey Key, TValue Value)[] table)
    {
        IDataView view = _ml.Data.LoadFromEnumerable(table.Select(row => new KeyRow<TKey> { Key = row.Key }));
        var map = _ml.Transforms.Conversion.MapValue("Value", table.Select(row => KeyValuePair.Create(row.Key, row.Value)), "Key").Fit(view);

        ITransformer loaded = Reload(map, view.Schema, out _);

        Assert.That(loaded, Is.InstanceOf<ValueMappingTransformer>());
        Assert.That(loaded.Transform(view).GetColumn<TValue>("Value"), Is.EqualTo(table.Select(row => row.Value)));
    }

    private static CustomMappingTransformer<StatelessInput, StatelessOutput> ModelOfAVanishedAssembly(string contract)
    {
        ModuleBuilder module = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Vanished"), AssemblyBuilderAccess.Run).DefineDynamicModule("Vanished");
        TypeBuilder type = module.DefineType("Mapping", TypeAttributes.Public);
        MethodBuilder method = type.DefineMethod("Map", MethodAttributes.Public | MethodAttributes.Static, null, [typeof(StatelessInput), typeof(StatelessOutput)]);
        method.GetILGenerator().Emit(OpCodes.Ret);
        var map = type.CreateType().GetMethod("Map")!.CreateDelegate<Action<StatelessInput, StatelessOutput>>();
        var ml = new MLContext();
        return ml.Transforms.CustomMapping(map, contract).Fit(ml.Data.LoadFromEnumerable(Array.Empty<StatelessInput>()));
    }

    private sealed class Silent : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IDataView Transform(IDataView input) => input;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public void Save(ModelSaveContext ctx)
        {
        }
    }
}

internal sealed class KeyRow<T>
{
    public T? Key { get; set; }
}

public sealed class StatelessInput
{
    public int Number { get; set; }
}

public sealed class StatelessOutput
{
    public int Twice { get; set; }
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class StatelessContract : CustomMappingFactory<StatelessInput, StatelessOutput>
{
    public const string Contract = "SafeMarl.StandIns.Tests.Stateless/1";

    public override Action<StatelessInput, StatelessOutput> GetMapping() => static (input, output) => output.Twice = 2 * input.Number;
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class NoFactory
{
    public const string Contract = "SafeMarl.StandIns.Tests.NoFactory/1";
}

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("safemarl-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
