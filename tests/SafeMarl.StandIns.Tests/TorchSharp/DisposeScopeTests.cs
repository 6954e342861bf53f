using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SafeMarl.StandIns.Tests.Torch;

public sealed class DisposeScopeTests
{
    [Test]
    public void Scope_AtItsEnd_DisposesWhatWasCreatedInIt()
    {
        Tensor inside;
        using Tensor outside = zeros([1]);
        using (DisposeScope scope = NewDisposeScope())
        {
            inside = outside + 1;
            Assert.That(scope.DisposablesCount, Is.EqualTo(1));
            Assert.That(scope.Contains(inside), Is.True);
            Assert.That(scope.DisposablesView.Single(), Is.SameAs(inside));
        }
        Assert.That(inside.IsInvalid, Is.True);
        Assert.That(outside.IsInvalid, Is.False);
        Assert.That(() => inside.Handle, Throws.InvalidOperationException);
        Assert.That(inside.ToString(), Does.Contain("disposed"));
    }

    [Test]
    public void MoveToOuter_ResultOfAnInnerScope_LivesAsLongAsTheOuter()
    {
        Tensor result, pair;
        using (DisposeScope outer = NewDisposeScope())
        {
            using (DisposeScope inner = NewDisposeScope())
            {
                result = (ones([1]) * 2).MoveToOuterDisposeScope();
                (pair, _) = inner.MoveToOuter(zeros([1]), zeros([2]));
            }
            Assert.That(result.IsInvalid, Is.False);
            Assert.That(pair.IsInvalid, Is.False);
            Assert.That(outer.DisposablesCount, Is.EqualTo(3));
        }
        Assert.That(result.IsInvalid, Is.True);
    }

    [Test]
    public void MoveToOuter_OutermostScope_IsADetachment()
    {
        Tensor result;
        using (NewDisposeScope())
            result = ones([1]).MoveToOuterDisposeScope();
        Assert.That(result.IsInvalid, Is.False);
        result.Dispose();
    }

    [Test]
    public void Detach_InsideNestedScopes_LeavesThemAll()
    {
        Tensor first, second;
        using (NewDisposeScope())
        {
            using DisposeScope inner = NewDisposeScope();
            first = ones([1]).DetachFromDisposeScope();
            second = inner.Detach(ones([1]));
        }
        Assert.That(first.IsInvalid || second.IsInvalid, Is.False);
        first.Dispose();
        second.Dispose();
    }

    [Test]
    public void Attach_TensorFromOutside_IsDisposedWithTheScope()
    {
        Tensor stray = ones([1]);
        using (DisposeScope scope = NewDisposeScope())
        {
            scope.Attach(stray);
            using DisposeScope inner = NewDisposeScope();
            inner.Attach(new IDisposable[] { stray }.AsEnumerable());
            Assert.That(scope.Contains(stray), Is.False, "one scope at a time");
        }
        Assert.That(stray.IsInvalid, Is.True);
    }

    [Test]
    public void DisposeEverythingBut_OneTensor_KeepsItInTheScope()
    {
        Tensor kept, dropped;
        using (DisposeScope scope = NewDisposeScope())
        {
            (kept, dropped) = (ones([1]), ones([1]));
            scope.DisposeEverythingBut(kept);
            Assert.That(kept.IsInvalid, Is.False);
            Assert.That(dropped.IsInvalid, Is.True);
            scope.DisposeEverything();
            Assert.That(scope.DisposablesCount, Is.Zero);
        }
        Assert.That(kept.IsInvalid, Is.True);
    }

    [Test]
    public void Dispose_ByHandOrTwice_IsHarmless()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = ones([1]);
        a.Dispose();
        a.Dispose();
        Assert.That(scope.DisposablesCount, Is.Zero);
        scope.Dispose();
        Assert.That(scope.Dispose, Throws.Nothing);
    }

    [Test]
    public void OtherDisposables_Attached_AreDisposedToo()
    {
        var stream = new MemoryStream();
        using (DisposeScope scope = NewDisposeScope())
            scope.Attach(stream);
        Assert.That(stream.CanRead, Is.False);
    }

    [Test]
    public void Parameter_MadeInAScope_TakesThePlaceOfItsTensor()
    {
        Parameter parameter;
        using (DisposeScope scope = NewDisposeScope())
        {
            parameter = new Parameter(ones([1]));
            Assert.That(scope.DisposablesCount, Is.EqualTo(1));
            Assert.That(scope.Contains(parameter), Is.True);
        }
        Assert.That(parameter.IsInvalid, Is.True);
    }

    [Test]
    public void Scopes_OnTwoThreads_DoNotSeeEachOther()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? other = null;
        var thread = new Thread(() => other = ones([1]));
        thread.Start();
        thread.Join();
        Assert.That(scope.DisposablesCount, Is.Zero);
        other!.Dispose();
    }

    [Test]
    public void Statistics_OfAThread_CountTheFateOfItsTensors()
    {
        long[] counted = [];
        var thread = new Thread(() =>
        {
            ThreadDisposeScopeStatistics counts = DisposeScopeManager.Statistics;
            Tensor outside = ones([1]);
            using (NewDisposeScope())
            {
                Tensor inside = outside + 1;
                (inside + 1).DetachFromDisposeScope().Dispose();
                inside.Dispose();
                _ = outside + 2;
            }
            counted = [counts.CreatedOutsideScopeCount, counts.CreatedInScopeCount, counts.DetachedFromScopeCount, counts.DisposedInScopeCount, counts.ThreadTotalLiveCount];
            outside.Dispose();
            counted = [.. counted, counts.ThreadTotalLiveCount];
            counts.Reset();
            counted = [.. counted, counts.CreatedInScopeCount];
        });
        thread.Start();
        thread.Join();
        Assert.That(counted, Is.EqualTo(new long[] { 1, 3, 1, 2, 1, 0, 0 }));
    }

    [Test]
    public void LiveTensors_OverAThousandTrainingSteps_StayTheSame()
    {
        manual_seed(0);
        using var first = nn.Linear(6, 8);
        using var second = nn.Linear(8, 1);
        Parameter[] parameters = [.. first.parameters(), .. second.parameters()];
        using var adam = optim.Adam(parameters, lr: 1e-2);
        long after10 = 0;
        double loss = 0, initial = 0;
        for (int step = 1; step <= 1000; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = (arange(60, dtype: float32) * step).view(10, 6).tanh();
            Tensor error = F.mse_loss(second.forward(F.relu(first.forward(x))), x.mean([1L], keepdim: true));
            adam.zero_grad();
            error.backward();
            nn.utils.clip_grad_norm_(parameters, 1);
            adam.step();
            loss = error.ToDouble();
            if (step == 1)
                initial = loss;
            scope.Dispose();
            if (step == 10)
                after10 = Tensor.TotalCount;
        }
        Assert.That(Tensor.TotalCount, Is.EqualTo(after10));
        Assert.That(Tensor.PeakCount, Is.GreaterThanOrEqualTo(after10));
        Assert.That(loss, Is.LessThan(initial / 10), "and it learned");
    }
}
