namespace TorchSharp;

/// <summary>The stack of dispose scopes of the calling thread.</summary>
public class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScopeManager? t_current;

    internal DisposeScopeManager()
    {
    }

    public static ThreadDisposeScopeStatistics Statistics => Current.Counts;

    internal static DisposeScopeManager Current => t_current ??= new DisposeScopeManager();

    internal ThreadDisposeScopeStatistics Counts { get; } = new();

    internal DisposeScope? Innermost { get; private set; }

    internal DisposeScope Open() => Innermost = new DisposeScope(this, Innermost);

    internal void Close(DisposeScope scope)
    {
        // Scopes are meant to end in reverse order; one that outlives its outer scope must not bring a closed one back.
        while (Innermost is { } inner && (inner == scope || inner.IsClosed))
            Innermost = inner.Outer;
    }

    /// <summary>Puts a new tensor under the innermost scope, if there is one.</summary>
    internal DisposeScope? Register(IDisposable disposable)
    {
        if (Innermost is not { } scope)
        {
            Counts.CreatedOutsideScopeCount++;
            return null;
        }
        Counts.CreatedInScopeCount++;
        scope.Include(disposable);
        return scope;
    }
}
