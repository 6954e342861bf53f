using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>
/// MAS3AC: soft actor-critics with certificates. Beside Q of its reward, every agent learns a barrier certificate H of every cost and a Lyapunov
/// certificate V of its deviation, and its policy is penalised where H falls too fast towards a violation or V does not fall fast enough.
/// </summary>
/// <remarks>
/// Agents take turns in a fixed order on separated timescales, each looking at the policies that those before it have just learned (algorithm 2).
/// The published text leaves much open; <see cref="Mas3acOptions"/> has every choice.
/// </remarks>
internal sealed class Mas3ac : IAlgorithm<OffPolicyBatch>
{
    private readonly TaskShape _task;
    private readonly Mas3acOptions _options;
    private readonly long _plannedUpdates, _seed;
    private readonly int _threads;
    private readonly Placement _placement;
    private readonly TimescaleRates _rates;
    private readonly SoftPolicies _policies;
    private readonly CriticInputs _inputs;
    private readonly Mas3acAgent[] _agents;
    private readonly Mas3acObjective _objective;

    /// <exception cref="InvalidOptionsException">The options do not fit the task.</exception>
    public Mas3ac(TaskShape task, Mas3acOptions options, long plannedUpdates, int threads, long seed, Placement placement)
    {
        (_task, _options, _plannedUpdates, _threads, _seed, _placement) = (task, options, Math.Max(1, plannedUpdates), threads, seed, placement);
        if (options.ShareParameters && options.Information == CriticInformation.Centralized && !(task.SharedReward && task.SharedCosts))
            throw new InvalidOptionsException("ShareParameters is true, but agents have rewards or costs of their own and critics look at everything alike; set Information to Neighborhood or OwnActions.");
        _rates = TimescaleRates.From(options, task.Agents.Count);
        _inputs = new CriticInputs(task, options.Information, options.NeighborhoodSize, options.StabilityInput, placement);
        _agents = new Mas3acAgent[task.Agents.Count];
        for (int i = 0; i < _agents.Length; i++)
            _agents[i] = new Mas3acAgent(i, task, _inputs, options, options.ShareParameters && i > 0 ? _agents[0] : null, seed, placement);
        _objective = new Mas3acObjective(task, options, _inputs, _agents);
        SoftPolicySettings policies = OffPolicySettings.Policies(options, _rates.Policies, options.MaxActorGradientNorm ?? double.PositiveInfinity, options.ShareParameters);
        _policies = new SoftPolicies(task, policies, seed, placement, DescribeCertificates);
        Publish();
    }

    internal SoftPolicies Policies => _policies;

    internal IReadOnlyList<Mas3acAgent> Agents => _agents;

    internal Mas3acObjective Objective => _objective;

    public Policy Policy => _policies.Policy;

    // Where one policy serves all agents every turn changes what all do, so that nothing drawn before it is of use.
    private bool SharesDraws => _options.ShareDraws && !_options.ShareParameters;

    public Metrics Update(OffPolicyBatch batch)
    {
        using var scope = NewDisposeScope();
        var noise = new ActionNoise(_task, batch.Size, RandomStream.Derive(_seed, Streams.Noise, batch.Update), _placement);
        var random = new RandomStream(RandomStream.Derive(_seed, Streams.Noise, batch.Update, Streams.Agents));
        int[] order = [.. Enumerable.Range(0, _agents.Length)];
        if (_options.AgentOrder == AgentOrder.Random)
            random.Shuffle<int>(order);
        return Update(TransitionTensors.From(batch, _placement), (_, _, agent) => noise.Next(agent), batch.Update, order, batch.Steps);
    }

    /// <summary>Noise for a draw of an agent's actions, in whose turn and for what.</summary>
    internal delegate Tensor NoiseSource(int turn, DrawFor purpose, int agent);

    /// <summary>What actions are drawn for.</summary>
    internal enum DrawFor
    {
        /// <summary>Targets: actions after the step.</summary>
        Targets,

        /// <summary>A policy's objective: actions of the step.</summary>
        Present,

        /// <summary>A policy's objective: actions after the step.</summary>
        Next,
    }

    /// <summary>One iteration of algorithm 2 on a batch.</summary>
    internal Metrics Update(TransitionTensors batch, NoiseSource noise, long update, int[] order, long steps)
    {
        using var scope = NewDisposeScope();
        var metrics = new Metrics();
        bool improves = update % _options.PolicyInterval == 0;

        // 1. Every rate decays linearly over the run; ratios between agents stay.
        double decay = 1 - (1 - _options.FinalLearningRateShare) * Math.Min(1, (double)update / _plannedUpdates);
        foreach (Mas3acAgent agent in _agents)
        {
            foreach (ActionValue function in agent.Functions)
                function.LearningRate = _options.CriticLearningRate * decay;
        }

        // 2. Actions, once for all turns or anew in each.
        Mas3acDraws? shared = SharesDraws ? Draw(batch, noise, turn: 0, improves, tracks: _ => true) : null;
        Mas3acDraws DrawsOf(int agent) => shared ?? Draw(batch, noise, agent, improves, tracks: i => i == agent);

        // 3. Without a step of the policies nothing that agents do depends on the others' turns.
        if (!improves && !_options.ShareParameters)
        {
            FitFunctions(batch, order, DrawsOf, steps, metrics);
            return metrics;
        }

        // 4. Turns: the agent's functions, then its policy and multipliers; later agents see what it does now.
        foreach (int agent in order)
        {
            Mas3acDraws draws = DrawsOf(agent);
            FitFunctions(batch, [agent], _ => draws, steps, metrics);
            if (!improves)
                continue;
            ImprovePolicy(batch, agent, draws, decay, steps, metrics);
            shared?.Redo(agent);
            foreach (ActionValue function in _agents[agent].Functions)
                function.Follow(_options.Tau);
        }
        return metrics;
    }

    private Mas3acDraws Draw(TransitionTensors batch, NoiseSource noise, int turn, bool improves, Func<int, bool> tracks)
    {
        // A turn that draws for itself draws for its targets and for its objective; shared draws serve both.
        bool separately = improves && !SharesDraws;
        JointActions targets = At(batch.NextViews, DrawFor.Targets, tracked: improves && !separately);
        JointActions bootstrap = _options.ReturnSteps == 1 ? targets : At(batch.BootstrapViews, DrawFor.Targets, tracked: false);
        JointActions? present = improves ? At(batch.Records, DrawFor.Present, tracked: true) : null;
        if (_options.CertifiedActions == CertifiedActions.Likeliest)
        {
            var likeliest = new JointActions(_policies, batch, batch.NextViews, noise: null, agent => improves && tracks(agent));
            return new Mas3acDraws(bootstrap, present, likeliest, likeliest);
        }
        return new Mas3acDraws(bootstrap, present, targets, separately ? At(batch.NextViews, DrawFor.Next, tracked: true) : targets);

        JointActions At(Tensor views, DrawFor purpose, bool tracked) => new(_policies, batch, views, agent => noise(turn, purpose, agent), agent => tracked && tracks(agent));
    }

    /// <summary>Q, H and V of some agents, one step each (eqs. 6 and 7, and the soft Bellman error).</summary>
    private void FitFunctions(TransitionTensors batch, int[] agents, Func<int, Mas3acDraws> drawsOf, long steps, Metrics metrics)
    {
        using var scope = NewDisposeScope();
        Mas3acObjective.Lesson[] lessons = [.. agents.SelectMany(agent => _objective.Lessons(batch, agent, drawsOf(agent), _policies.Temperature(agent).Value))];
        Tensor[] targets = TensorWork.Run(_threads, scope, [.. lessons.Select(lesson => lesson.Target)]);
        (int Lesson, Func<double> Fit)[] fits = [.. lessons.SelectMany((lesson, i) => lesson.Function.Fits(lesson.Inputs, targets[i], steps).Select(fit => (i, fit)))];
        var losses = new double[fits.Length];
        ParallelWork.Run(_threads, fits.Select((fit, i) => (Action)(() => losses[i] = fit.Fit())));
        foreach (IGrouping<int, double> loss in losses.Select((value, i) => (fits[i].Lesson, value)).GroupBy(l => l.Lesson, l => l.value))
            metrics.Add($"loss/{lessons[loss.Key].Name}", loss.Sum());
    }

    /// <summary>An agent's policy down its penalised objective, its multipliers up their penalties, and its temperature (eqs. 8 to 10).</summary>
    private void ImprovePolicy(TransitionTensors batch, int agent, Mas3acDraws draws, double decay, long steps, Metrics metrics)
    {
        using var scope = NewDisposeScope();
        string name = _task.Agents[agent].Name;
        JointActions present = draws.Present!;
        Mas3acObjective.Term[] terms = TensorWork.Run(_threads, scope, _objective.Terms(batch, agent, draws), static term => [term.Present, term.Next]);
        double temperature = _policies.Temperature(agent).Value, meanLogProb = present.LogProb(agent).mean().ToDouble(), targetEntropy = _policies.TargetEntropy(agent, batch.Mask(agent));

        Tensor loss = present.LogProb(agent).mean() * temperature;
        foreach (Mas3acObjective.Term term in terms)
        {
            if (term.Present is not null)
                loss = loss + SoftPolicyLoss.ByGradient(present.Own(agent), term.Present);
            if (term.Next is not null)
                loss = loss + SoftPolicyLoss.ByGradient(draws.CertifiedNext.Own(agent), term.Next);
        }
        _policies.SetLearningRate(agent, _rates.Policies[agent] * decay);
        double norm = _policies.Step(agent, loss, steps);
        metrics.Add($"loss/policy/{name}", meanLogProb * temperature + terms.Sum(t => t.Value));
        metrics.Add($"gradient norm/{name}", norm);
        metrics.Add($"entropy/{name}", -meanLogProb);
        metrics.Add($"temperature/{name}", temperature);

        if (_options.MultiplierTiming == MultiplierTiming.AfterPolicyStep)
        {
            draws.Redo(agent);
            terms = TensorWork.Run(_threads, scope, _objective.Terms(batch, agent, draws), static term => [term.Present, term.Next]);
        }
        foreach (Mas3acObjective.Term term in terms)
            term.MoveMultipliers(_rates.Multipliers[agent] * decay, _rates.Policies[agent] * decay, metrics);
        _policies.Temperature(agent).Update(meanLogProb, targetEntropy);
    }

    public void Publish()
    {
        _policies.Publish();
        for (int i = 0; i < _agents.Length; i++)
            _agents[i].Publish(Policy.Agents[i].Certificates!);
    }

    // The certificates' networks come behind those of the policies, those of one agent after another.
    private CertificateNetworks DescribeCertificates(int firstNetwork)
    {
        List<ActionValue> certificates = [.. _agents.SelectMany(agent => agent.Certificates).Distinct()];
        int IndexOf(ActionValue certificate) => firstNetwork + certificates.IndexOf(certificate);
        return new CertificateNetworks([.. certificates.Select(c => c.Shape)], [.. _agents.Select((agent, i) => _inputs.Describe(
            i, [.. agent.Safety.Select(IndexOf)], agent.Stability is { } stability ? IndexOf(stability) : null, _options.SafetyCertificate, _options.Gamma))]);
    }

    public void Save(TensorFile file)
    {
        _policies.Save(file);
        foreach (Mas3acAgent agent in _agents)
            agent.Save(file);
    }

    public void Load(TensorFile file)
    {
        _policies.Load(file);
        foreach (Mas3acAgent agent in _agents)
            agent.Load(file);
        Publish();
    }

    public void Dispose()
    {
        _policies.Dispose();
        _inputs.Dispose();
        foreach (Mas3acAgent agent in _agents)
            agent.Dispose();
    }
}
