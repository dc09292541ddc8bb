using System.Reflection;

namespace MiniMind.MLNet.Dpo.MutantRunner;

/// <summary>The switch that dotnet-stryker builds into the library: which mutant acts, and which ones have been passed.</summary>
internal sealed class MutantSwitch
{
    private const int NoMutant = -1;

    private readonly FieldInfo _active;
    private readonly FieldInfo _captures;
    private readonly MethodInfo _passed;

    /// <exception cref="InvalidOperationException">The library has not been mutated.</exception>
    public MutantSwitch(Assembly library)
    {
        Type control = library.GetTypes().FirstOrDefault(type => type.Name == "MutantControl")
            ?? throw new InvalidOperationException($"{library.Location} has no MutantControl: dotnet-stryker has not mutated it.");
        _active = control.GetField("ActiveMutant")!;
        _captures = control.GetField("CaptureCoverage")!;
        _passed = control.GetMethod("GetCoverageData")!;
        _active.SetValue(null, NoMutant);
    }

    /// <summary>Lets a mutant act, or none for a negative number.</summary>
    public void Set(int mutant) => _active.SetValue(null, mutant < 0 ? NoMutant : mutant);

    /// <summary>Begins or ends to note which mutants are passed.</summary>
    public void Capture(bool on)
    {
        _captures.SetValue(null, on);
        if (on)
            _passed.Invoke(null, null);
    }

    /// <summary>The mutants passed since, and those of them that were passed while something static was made.</summary>
    public (IReadOnlyList<int> All, IReadOnlyList<int> Static) Passed()
    {
        IList<int>[] data = (IList<int>[])_passed.Invoke(null, null)!;
        return ([.. data[0]], [.. data[1]]);
    }
}
