using Microsoft.ML;
using Microsoft.ML.Data;
using SafeMarl.Environments;

namespace SafeMarl.ML.Trainers;

/// <summary>
/// An environment as rows: one row per agent and step, made while a cursor moves by letting the agents act uniformly at random. Every cursor
/// plays the same episodes in an environment of its own.
/// </summary>
internal sealed class EnvironmentDataView : IDataView
{
    private readonly long _seed;
    private readonly int _episodes;

    public EnvironmentDataView(Func<IMultiAgentEnvironment> factory, int episodes, long seed)
    {
        (Factory, _episodes, _seed) = (factory, episodes, seed);
        using IMultiAgentEnvironment environment = factory() ?? throw new EnvironmentException("The environment factory returned null.");
        Spec = environment.Spec;
        Schema = BuildSchema(Spec);
    }

    /// <summary>Makes the environment; what trainers take from the view.</summary>
    public Func<IMultiAgentEnvironment> Factory { get; }

    public EnvironmentSpec Spec { get; }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private static DataViewSchema BuildSchema(EnvironmentSpec spec)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(ColumnNames.Episode, NumberDataViewType.Int64);
        builder.AddColumn(ColumnNames.Step, NumberDataViewType.Int64);
        builder.AddColumn(ColumnNames.AgentId, TextDataViewType.Instance);
        builder.AddColumn(ColumnNames.Observation, Vector(spec, a => a.ObservationSize));
        builder.AddColumn(ColumnNames.State, new VectorDataViewType(NumberDataViewType.Single, spec.StateSize > 0 ? spec.StateSize : spec.Layout.ObservationSize));
        if (spec.Layout.MaskSize > 0)
            builder.AddColumn(ColumnNames.ActionMask, Vector(spec, a => a.ActionSpace.IsMasked ? a.ActionSpace.Count : 0));
        builder.AddColumn(ColumnNames.Hidden, new VectorDataViewType(NumberDataViewType.Single));
        builder.AddColumn(ColumnNames.Action, Vector(spec, a => a.ActionSpace.Size));
        builder.AddColumn(ColumnNames.JointAction, new VectorDataViewType(NumberDataViewType.Single, spec.Layout.ActionSize));
        builder.AddColumn(ColumnNames.Reward, NumberDataViewType.Single);
        builder.AddColumn(ColumnNames.Cost, Vector(spec, a => a.Costs.Count));
        if (spec.HasDeviation)
            builder.AddColumn(ColumnNames.Deviation, NumberDataViewType.Single);
        builder.AddColumn(ColumnNames.Terminated, BooleanDataViewType.Instance);
        builder.AddColumn(ColumnNames.Truncated, BooleanDataViewType.Instance);
        return builder.ToSchema();
    }

    // Agents of different sizes make a column of variable size.
    private static VectorDataViewType Vector(EnvironmentSpec spec, Func<AgentSpec, int> size)
    {
        int[] sizes = [.. spec.Agents.Select(size).Distinct()];
        return new VectorDataViewType(NumberDataViewType.Single, sizes.Length == 1 ? sizes[0] : 0);
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly EnvironmentDataView _view;
        private readonly bool[] _active;
        private readonly IMultiAgentEnvironment _environment;
        private readonly StepMemory _before, _after; // what the agents saw before the step, and what the step brought
        private readonly float[] _action;
        private readonly ReadOnlyMemory<char>[] _agents;
        private RandomStream _random;
        private EpisodeStatus _status = EpisodeStatus.Truncated;
        private long _position = -1, _episode = -1, _step;
        private int _agent;
        private bool _finished;

        public Cursor(EnvironmentDataView view, IEnumerable<DataViewSchema.Column> columnsNeeded)
        {
            _view = view;
            _active = new bool[view.Schema.Count];
            foreach (DataViewSchema.Column column in columnsNeeded)
                _active[column.Index] = true;
            _environment = view.Factory();
            _before = new StepMemory(view.Spec, 1);
            _after = new StepMemory(view.Spec, 1);
            _action = new float[view.Spec.Layout.ActionSize];
            _agents = [.. view.Spec.Agents.Select(a => a.Name.AsMemory())];
            _random = new RandomStream(view._seed);
            _agent = _agents.Length - 1;
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override bool MoveNext()
        {
            if (_finished)
                return false;
            if (++_agent < _agents.Length || Advance())
            {
                _position++;
                return true;
            }
            _finished = true;
            _position = -1;
            return false;
        }

        // Every agent's row has been given: play one step, in a new episode when the last one ended.
        private bool Advance()
        {
            _agent = 0;
            _step++;
            if (_status != EpisodeStatus.Running)
            {
                if (++_episode == _view._episodes)
                    return false;
                _step = 0;
                _environment.Reset(RandomStream.Derive(_view._seed, _episode), _after[0]);
            }
            _after.CopyView(0, _before);
            RandomActions.Sample(_view.Spec, _before[0], ref _random, _action);
            _status = _environment.Step(_action, _after[0]);
            return true;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentException($"Column '{column.Name}' is not active in this cursor.", nameof(column));
            Delegate getter = column.Name switch
            {
                ColumnNames.Episode => (ValueGetter<long>)((ref long v) => v = _episode),
                ColumnNames.Step => (ValueGetter<long>)((ref long v) => v = _step),
                ColumnNames.AgentId => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> v) => v = _agents[_agent]),
                ColumnNames.Observation => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> v) => Fill(ref v, _before[0].Observation(_agent))),
                ColumnNames.State => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> v) => Fill(ref v, _view.Spec.StateSize > 0 ? _before.States : _before.Observations)),
                ColumnNames.ActionMask => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> v) => Fill(ref v, _before[0].ActionMask(_agent))),
                ColumnNames.Hidden => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> v) => Fill(ref v, [])),
                ColumnNames.Action => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> v) => Fill(ref v, _action.AsSpan(_view.Spec.Layout.Action(_agent)))),
                ColumnNames.JointAction => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> v) => Fill(ref v, _action)),
                ColumnNames.Reward => (ValueGetter<float>)((ref float v) => v = _after[0].Reward(_agent)),
                ColumnNames.Cost => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> v) => Fill(ref v, _after[0].Costs(_agent))),
                ColumnNames.Deviation => (ValueGetter<float>)((ref float v) => v = _after[0].Deviation(_agent)),
                ColumnNames.Terminated => (ValueGetter<bool>)((ref bool v) => v = _status == EpisodeStatus.Terminated),
                _ => (ValueGetter<bool>)((ref bool v) => v = _status == EpisodeStatus.Truncated),
            };
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue)}.");
        }

        private static void Fill(ref VBuffer<float> target, ReadOnlySpan<float> values)
        {
            VBufferEditor<float> editor = VBufferEditor.Create(ref target, values.Length);
            values.CopyTo(editor.Values);
            target = editor.Commit();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _environment.Dispose();
            base.Dispose(disposing);
        }
    }
}
