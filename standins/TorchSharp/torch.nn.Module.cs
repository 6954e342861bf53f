using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public interface IModule<T, TResult>
        {
            TResult call(T input1);
        }

        /// <summary>
        /// A network or a part of one: named parameters and named submodules, in the order in which they were registered.
        /// A subclass keeps both in fields and ends its constructor with <see cref="RegisterComponents"/>.
        /// </summary>
        public class Module : IDisposable
        {
            private readonly OrderedDictionary<string, Parameter> _parameters = [];
            private readonly OrderedDictionary<string, Tensor> _buffers = [];
            private readonly OrderedDictionary<string, Module> _submodules = [];
            private bool _componentsRegistered;

            // The name is for GetName, which the subset leaves out.
            protected Module(string name) => _ = name;

            public virtual bool training { get; private set; } = true;

#nullable disable annotations
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<nint> { 0 };
                foreach ((string name, Parameter parameter) in _parameters)
                {
                    if (seen.Add(parameter.HandleOrZero))
                        yield return (name, parameter);
                }
                if (!recurse)
                    yield break;
                foreach ((string prefix, Module submodule) in _submodules)
                {
                    foreach ((string name, Parameter parameter) in submodule.named_parameters())
                    {
                        if (seen.Add(parameter.HandleOrZero))
                            yield return ($"{prefix}.{name}", parameter);
                    }
                }
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(named => named.parameter);

            public virtual IEnumerable<(string name, Module module)> named_children() => _submodules.Select(pair => (pair.Key, pair.Value));

            public virtual IEnumerable<Module> children() => named_children().Select(named => named.module);

            /// <summary>All descendants, the children first, then those of each child.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules() => named_children().Concat(
                _submodules.SelectMany(pair => pair.Value.named_modules().Select(named => ($"{pair.Key}.{named.name}", named.module))));

            public virtual IEnumerable<Module> modules() => named_modules().Select(named => named.module);

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (Module child in children())
                    child.train(train);
            }

            public virtual void eval() => train(false);

            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null || param.IsInvalid)
                    throw new ArgumentNullException(nameof(param), "A null tensor cannot be registered as a parameter.");
                if (!_parameters.TryAdd(name, param))
                    throw new InvalidOperationException($"Parameter {name} is already registered.");
            }

            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null)
                    throw new ArgumentNullException(nameof(submodule), "A null module cannot be registered.");
                if (name.Contains('.', StringComparison.Ordinal))
                    throw new ArgumentException($"module name can't contain \".\", got: {name}", nameof(name));
                submodule.RegisterComponents();
                if (!_submodules.TryAdd(name, submodule))
                    throw new InvalidOperationException($"Sub-module {name} is already registered.");
            }
#nullable restore annotations

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Registers what the fields of the subclass hold, under the names of the fields.</summary>
            protected virtual void RegisterComponents()
            {
                if (_componentsRegistered)
                    return;
                foreach (FieldInfo field in GetType().GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
                {
                    if (_submodules.ContainsKey(field.Name) || _parameters.ContainsKey(field.Name) || _buffers.ContainsKey(field.Name))
                        continue;
                    switch (field.GetValue(this))
                    {
                        case Module module:
                            register_module(field.Name, module);
                            break;
                        case Parameter parameter:
                            register_parameter(field.Name, parameter);
                            break;
                        case Tensor tensor:
                            _buffers.Add(field.Name, tensor);
                            break;
                    }
                }
                _componentsRegistered = true;
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                    return;
                foreach (Tensor tensor in _parameters.Values.Concat(_buffers.Values))
                    tensor.Dispose();
                foreach (Module submodule in _submodules.Values)
                    submodule.Dispose();
            }

            /// <summary>Puts a parameter in the place of the one of that name; null takes the name away.</summary>
            private protected void Assign(string name, Parameter? parameter)
            {
                if (parameter is null)
                    _parameters.Remove(name);
                else
                    _parameters[name] = parameter;
            }
        }

        /// <summary>The official base of the modules below, where forward hooks are registered. The subset has no hooks.</summary>
        public class HookableModule<TPreHook, TPostHook> : Module
        {
            private protected HookableModule(string name)
                : base(name)
            {
            }
        }

        public abstract class Module<T, TResult> : HookableModule<Func<Module<T, TResult>, T, T>, Func<Module<T, TResult>, T, TResult, TResult>>, IModule<T, TResult>
        {
            protected Module(string name)
                : base(name)
            {
            }

            public abstract TResult forward(T input);

            public TResult call(T input) => forward(input);
        }
    }
}
