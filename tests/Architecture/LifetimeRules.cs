namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>What compiled code may do with TorchSharp's native objects that a finalizer could free during a call: see docs/TORCHSHARP-LIFETIMES.md.</summary>
internal sealed class LifetimeRules
{
    private const string Torch = "TorchSharp.", Scalar = "TorchSharp.Scalar", Generator = "TorchSharp.torch+Generator";
    private readonly HashSet<string> _scalarMakers;
    private readonly HashSet<string> _generatorMakers;
    private readonly HashSet<string> _finalizable;

    /// <summary>Learns from TorchSharp's own code which of its methods make such objects inside.</summary>
    /// <param name="torchSharp">The path of its library.</param>
    public LifetimeRules(string torchSharp)
    {
        IReadOnlyList<CompiledMethod> methods = CompiledCode.Methods(torchSharp);
        _scalarMakers = Callers(methods, MakesScalar);
        _scalarMakers.RemoveWhere(MakesScalar); // they give it to who keeps it alive
        _generatorMakers = Callers(methods, name => MakesGenerator(name) || name == $"{Generator}::get_Default(){Generator}");
        _finalizable = [.. methods.Where(method => method.Name == "Finalize").Select(method => method.Type)];
    }

    /// <summary>TorchSharp's types that free native memory in a finalizer.</summary>
    public IReadOnlyCollection<string> FinalizableTypes => _finalizable;

    /// <summary>Whether a method of TorchSharp makes a number's native object inside, which nothing keeps alive.</summary>
    public bool MakesScalarInside(string method) => _scalarMakers.Contains(method);

    /// <summary>Checks a library's methods.</summary>
    /// <param name="methods">Its code.</param>
    /// <param name="scalarOperations">The only type that may make numbers for libtorch.</param>
    /// <returns>One sentence for each violation.</returns>
    public IReadOnlyList<string> Violations(IEnumerable<CompiledMethod> methods, string scalarOperations)
    {
        List<string> faults = [];
        foreach (CompiledMethod method in methods)
        {
            string where = $"{method.Type}.{method.Name}";
            int disposals = method.Calls.Count(name => name.Contains("::Dispose()", StringComparison.Ordinal)),
                kept = method.Calls.Count(name => name.StartsWith("System.GC::KeepAlive", StringComparison.Ordinal));
            if (method.Type != scalarOperations)
            {
                faults.AddRange(method.Calls.Where(name => MakesScalar(name) || _scalarMakers.Contains(name))
                    .Select(name => $"{where} makes a number for libtorch that nothing keeps alive, by {Short(name)}: use ScalarOperations."));
            }
            else if (method.Calls.Any(_scalarMakers.Contains) || method.Calls.Count(MakesScalar) > disposals)
            {
                faults.Add($"{where} does not dispose each number that it makes.");
            }

            if (method.Calls.Count(name => name == "TorchSharp.torch+Tensor::get_Handle()IntPtr") > kept)
                faults.Add($"{where} takes a tensor's handle and does not keep the tensor alive: call GC.KeepAlive behind the native call.");
            faults.AddRange(
                method.Calls.Where(name => !MakesGenerator(name) && _generatorMakers.Contains(name) && !name.EndsWith(Generator, StringComparison.Ordinal))
                .Select(name => $"{where} calls {Short(name)}, in which a generator is not kept alive."));
            if (method.Calls.Count(name => MakesGenerator(name) || name.StartsWith(Torch, StringComparison.Ordinal)
                && name.EndsWith(")" + Generator, StringComparison.Ordinal)) > disposals)
            {
                faults.Add($"{where} does not dispose each generator that it makes.");
            }
        }
        return faults;
    }

    /// <summary>Which of TorchSharp's finalizable types a library makes or gets.</summary>
    public IReadOnlyList<string> TypesUsed(IEnumerable<CompiledMethod> methods) =>
    [
        .. methods.SelectMany(method => method.Calls).Where(name => name.StartsWith(Torch, StringComparison.Ordinal))
            .SelectMany(
                name => _finalizable.Where(type => name.StartsWith(type + "::", StringComparison.Ordinal)
                || name.EndsWith(")" + type, StringComparison.Ordinal)))
            .Distinct().Order(StringComparer.Ordinal),
    ];

    private static bool MakesScalar(string name) =>
        name.StartsWith(Torch, StringComparison.Ordinal)
            && (name.EndsWith(")" + Scalar, StringComparison.Ordinal) || name.StartsWith(Scalar + "::.ctor", StringComparison.Ordinal));

    private static bool MakesGenerator(string name) => name.StartsWith(Generator + "::.ctor", StringComparison.Ordinal);

    /// <summary>The methods that call what makes something, and those that call them.</summary>
    private static HashSet<string> Callers(IReadOnlyList<CompiledMethod> methods, Func<string, bool> makes)
    {
        HashSet<string> callers = [.. methods.Where(method => method.Calls.Any(makes)).Select(method => method.FullName)];
        for (int before = 0; before < callers.Count;)
        {
            before = callers.Count;
            callers.UnionWith(methods.Where(method => method.Calls.Any(callers.Contains)).Select(method => method.FullName).ToList());
        }
        return callers;
    }

    private static string Short(string name) => name[(name.IndexOf("::", StringComparison.Ordinal) + 2)..]
        .Replace("TorchSharp.torch+", "", StringComparison.Ordinal);
}
