using TorchSharp;
using TorchSharp.Modules;
using static SafeMarl.StandIns.Tests.Torch.TensorAssert;
using static TorchSharp.torch;

namespace SafeMarl.StandIns.Tests.Torch;

public sealed class AdamTests
{
    private DisposeScope _scope = null!;

    [SetUp]
    public void Open() => _scope = NewDisposeScope();

    [TearDown]
    public void Close() => _scope.Dispose();

    private static void Give(Parameter parameter, params double[] gradient) => parameter.grad = tensor(gradient, parameter.shape, dtype: parameter.dtype);

    [Test]
    public void Step_TwoGradients_GivesHandWorkedValues()
    {
        // g = 0.5: m = 0.05, v = 0.00025, both corrected to 0.5 and 0.25: 1 - 0.1 * 0.5 / (0.5 + 0.01).
        // g = -1:  m = -0.055, v = 0.00124975, corrected to -0.2894736842 and 0.6251875938.
        var p = new Parameter(tensor(new double[] { 1 }));
        using var adam = optim.Adam([p], lr: 0.1, eps: 0.01);
        Give(p, 0.5);
        adam.step();
        Assert.That(Values(p)[0], Is.EqualTo(1 - (0.1 * 0.5 / 0.51)).Within(1e-14));
        Give(p, -1);
        adam.step();
        Assert.That(Values(p)[0], Is.EqualTo(0.9381139008606872).Within(1e-14));
    }

    [Test]
    public void Step_WeightDecay_AddsTheParameterToItsGradient()
    {
        var p = new Parameter(tensor(new double[] { 2 }));
        using var adam = optim.Adam([p], lr: 0.1, eps: 0.01, weight_decay: 0.1);
        Give(p, 0.5);
        adam.step();
        Assert.That(Values(p)[0], Is.EqualTo(2 - (0.1 * 0.7 / 0.71)).Within(1e-14));
    }

    [Test]
    public void Step_Maximize_GoesUp()
    {
        var p = new Parameter(tensor(new double[] { 1 }));
        using var adam = optim.Adam([p], lr: 0.1, eps: 0.01, maximize: true);
        Give(p, 0.5);
        adam.step();
        Assert.That(Values(p)[0], Is.EqualTo(1 + (0.1 * 0.5 / 0.51)).Within(1e-14));
    }

    [TestCase("Float64", 1, 0.0, false, 1e-12)]
    [TestCase("Float64", 37, 0.01, true, 1e-12)]
    [TestCase("Float32", 1, 0.0, false, 1e-6)]
    [TestCase("Float32", 37, 0.01, false, 1e-6)]
    [TestCase("Float32", 1003, 0.0, true, 1e-6)]
    public void Step_FiftyRandomGradients_FollowsTheFormula(string type, int size, double decay, bool maximize, double tolerance)
    {
        const double lr = 3e-3, beta1 = 0.85, beta2 = 0.97, eps = 1e-6;
        var random = new Random(7);
        double[] Draw() => [.. Enumerable.Range(0, size).Select(_ => (double)(float)((random.NextDouble() * 2) - 1))];
        double[] expected = Draw(), m = new double[size], v = new double[size];
        var p = new Parameter(tensor(expected, dtype: Enum.Parse<ScalarType>(type)));
        using var adam = optim.Adam([p], lr: lr, beta1: beta1, beta2: beta2, eps: eps, weight_decay: decay, maximize: maximize);
        for (int t = 1; t <= 50; t++)
        {
            double[] gradient = Draw();
            Give(p, gradient);
            adam.step();
            for (int i = 0; i < size; i++)
            {
                double g = (maximize ? -gradient[i] : gradient[i]) + (decay * expected[i]);
                m[i] = (beta1 * m[i]) + ((1 - beta1) * g);
                v[i] = (beta2 * v[i]) + ((1 - beta2) * g * g);
                expected[i] -= lr * (m[i] / (1 - Math.Pow(beta1, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(beta2, t))) + eps);
            }
        }
        Assert.That(Values(p), Is.EqualTo(expected).Within(tolerance));
    }

    [Test]
    public void Step_TransposedParameter_TakesTheSameStepsThroughTensorOperations()
    {
        double[] start = [1, 2, 3, 4, 5, 6];
        var plain = new Parameter(tensor(start, [2, 3]));
        var transposed = new Parameter(plain.detach().clone().t().contiguous().t());
        using var first = optim.Adam([plain], lr: 0.1, weight_decay: 0.1);
        using var second = optim.Adam([transposed], lr: 0.1, weight_decay: 0.1);
        for (int t = 1; t <= 5; t++)
        {
            Give(plain, 1, -2, 3, -4, 5, t);
            Give(transposed, 1, -2, 3, -4, 5, t);
            first.step();
            second.step();
        }
        Holds(transposed, [2, 3], Values(plain), 1e-12);
    }

    [Test]
    public void Step_ParameterWithoutGradient_StaysAndDoesNotAge()
    {
        var p = new Parameter(tensor(new double[] { 1 }));
        var late = new Parameter(tensor(new double[] { 1 }));
        using var adam = optim.Adam([p, late], lr: 0.1, eps: 0.01);
        Give(p, 0.5);
        adam.step();
        Holds(late, [1], [1], 0);
        Give(late, 0.5);
        adam.step();
        Assert.That(Values(late)[0], Is.EqualTo(1 - (0.1 * 0.5 / 0.51)).Within(1e-14), "its first step");
    }

    [Test]
    public void Step_GradientThatStaysZero_MovesNothingAndLeavesTheProcessorItsDenormals()
    {
        var p = new Parameter(tensor(new float[] { 1 }));
        using var adam = optim.Adam([p], lr: 0.1);
        Give(p, 1);
        adam.step();
        for (int i = 0; i < 2000; i++)
        {
            adam.zero_grad();
            adam.step();
        }
        byte[] before = Bits(p);
        adam.step();
        Assert.That(Bits(p), Is.EqualTo(before));
        float smallest = float.Epsilon;
        Assert.That(Volatile.Read(ref smallest) * 2f, Is.GreaterThan(0f));
    }

    [Test]
    public void Step_Closure_IsRunWithGradientsAndItsLossReturned()
    {
        var p = new Parameter(tensor(new double[] { 3 }));
        using var adam = optim.Adam([p], lr: 0.1);
        using IDisposable mode = no_grad();
        Tensor loss = adam.step(() =>
        {
            adam.zero_grad();
            Tensor value = p.square().sum();
            value.backward();
            return value;
        });
        Holds(loss, [], [9]);
        Assert.That(Values(p)[0], Is.LessThan(3));
    }

    [Test]
    public void Step_TensorsSavedForAnOldGraph_AreNoticedAsChanged()
    {
        var p = new Parameter(tensor(new double[] { 3 }));
        using var adam = optim.Adam([p], lr: 0.1);
        Tensor loss = p.square().sum();
        Give(p, 1);
        adam.step();
        Assert.That(loss.backward, Throws.Exception.With.Message.Contains("modified by an inplace operation"));
    }

    [Test]
    public void ZeroGrad_ExistingGradients_BecomeZeroAndMissingOnesStayMissing()
    {
        var p = new Parameter(tensor(new double[] { 1 }));
        var q = new Parameter(tensor(new double[] { 1 }));
        using var adam = optim.Adam([p, q]);
        Give(p, 5);
        adam.zero_grad();
        Holds(p.grad!, [1], [0]);
        Assert.That(q.grad, Is.Null);
    }

    [Test]
    public void LearningRate_SetThroughParamGroups_IsUsed()
    {
        var p = new Parameter(tensor(new double[] { 1 }));
        using var adam = optim.Adam([p], lr: 0.1, eps: 0.01);
        foreach (var group in adam.ParamGroups)
            group.LearningRate *= 0.5;
        Assert.That(adam.ParamGroups.Single().LearningRate, Is.EqualTo(0.05));
        Give(p, 0.5);
        adam.step();
        Assert.That(Values(p)[0], Is.EqualTo(1 - (0.05 * 0.5 / 0.51)).Within(1e-14));
        Assert.That(adam.Betas, Is.EqualTo((0.9, 0.999)));
        Assert.That(adam.parameters().Single(), Is.SameAs(p));
    }

    [Test]
    public void Options_OutOfRangeOrUnsupported_Throw()
    {
        var p = new Parameter(tensor(new double[] { 1 }));
        Assert.That(() => optim.Adam([p], lr: -1), Throws.ArgumentException);
        Assert.That(() => optim.Adam([p], beta2: 1), Throws.ArgumentException);
        Assert.That(() => optim.Adam([p], eps: double.NaN), Throws.ArgumentException);
        Assert.That(() => optim.Adam([p], amsgrad: true), Throws.InstanceOf<NotSupportedException>());
    }

    [Test]
    public void Optimizer_MadeInsideAScope_OutlivesIt()
    {
        var p = new Parameter(tensor(new double[] { 1 }));
        Adam adam;
        using (NewDisposeScope())
            adam = optim.Adam([p], lr: 0.1);
        Give(p, 1);
        Assert.That(() => adam.step(), Throws.Nothing);
        adam.Dispose();
        Assert.That(() => adam.step(), Throws.InvalidOperationException);
    }

    [Test]
    public void ClipGradNorm_AboveTheLimit_ScalesAllGradientsAndReturnsTheNormBefore([Values("Float32", "Float64")] string type)
    {
        ScalarType dtype = Enum.Parse<ScalarType>(type);
        var p = new Parameter(zeros([1], dtype: dtype));
        var q = new Parameter(zeros([2], dtype: dtype));
        var without = new Parameter(zeros([1], dtype: dtype));
        Give(p, 3);
        Give(q, 0, 4);
        Assert.That(nn.utils.clip_grad_norm_([p, without, q], 1.0), Is.EqualTo(5).Within(1e-12));
        Assert.That(Values(p.grad!)[0], Is.EqualTo(3 / (5 + 1e-6)).Within(1e-7));
        Assert.That(Values(q.grad!)[1], Is.EqualTo(4 / (5 + 1e-6)).Within(1e-7));
    }

    [Test]
    public void ClipGradNorm_BelowTheLimit_ChangesNoBit()
    {
        var p = new Parameter(zeros([1000]));
        p.grad = arange(1000, dtype: float32);
        byte[] before = Bits(p.grad!);
        double norm = nn.utils.clip_grad_norm_([p], 1e6);
        Assert.That(norm, Is.EqualTo(Math.Sqrt(Enumerable.Range(0, 1000).Sum(i => (double)i * i))).Within(1e-9));
        Assert.That(Bits(p.grad!), Is.EqualTo(before));
    }

    [Test]
    public void ClipGradNorm_OtherNorms_AreSupported()
    {
        var p = new Parameter(zeros([2], dtype: float64));
        Give(p, 3, -4);
        Assert.That(nn.utils.clip_grad_norm_([p], 100, norm_type: 1), Is.EqualTo(7).Within(1e-12));
        Assert.That(nn.utils.clip_grad_norm_([p], 2, norm_type: double.PositiveInfinity), Is.EqualTo(4).Within(1e-12));
        Holds(p.grad!, [2], [1.5, -2], 1e-5);
    }

    [Test]
    public void ClipGradNorm_NotANumber_IsReportedAndSpreads()
    {
        var p = new Parameter(zeros([2], dtype: float64));
        Give(p, 1, double.NaN);
        Assert.That(nn.utils.clip_grad_norm_([p], 1), Is.NaN);
        Assert.That(p.grad!.isnan().all().item<bool>(), Is.True);
        Assert.That(nn.utils.clip_grad_norm_([], 1), Is.Zero);
    }

    [Test]
    public void ClipThenStep_FusedInSequence_GivesHandWorkedValue()
    {
        var p = new Parameter(tensor(new double[] { 1 }));
        using var adam = optim.Adam([p], lr: 0.1, eps: 0.01);
        Give(p, 5);
        nn.utils.clip_grad_norm_([p], 0.5);
        adam.step();
        double g = 5 * 0.5 / (5 + 1e-6);
        Assert.That(Values(p)[0], Is.EqualTo(1 - (0.1 * g / (g + 0.01))).Within(1e-14));
    }
}
