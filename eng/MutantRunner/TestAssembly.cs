using System.Reflection;
using Xunit.Sdk;

namespace MiniMind.MLNet.Dpo.MutantRunner;

/// <summary>The tests, found a class at a time and run in this process.</summary>
internal sealed class TestAssembly
{
    private readonly Assembly _assembly;
    private readonly ITestFrameworkDiscoverer _discoverer;
    private readonly ITestFrameworkExecutor _executor;
    private readonly RunOptions _options = new();
    private readonly Dictionary<string, Dictionary<string, ITestCase>> _found = [];

    public TestAssembly(Assembly assembly)
    {
        _assembly = assembly;
        XunitTestFramework framework = new(new Xunit.Sdk.NullMessageSink());
        _discoverer = framework.GetDiscoverer(Reflector.Wrap(assembly));
        _executor = framework.GetExecutor(assembly.GetName());
    }

    /// <summary>The classes whose full names contain one of the parts.</summary>
    public IEnumerable<string> Classes(IReadOnlyList<string> parts) => _assembly.GetTypes()
        .Where(type => type is { IsPublic: true, IsAbstract: false } && parts.Any(part => type.FullName!.Contains(part, StringComparison.Ordinal)))
        .Select(type => type.FullName!)
        .Order(StringComparer.Ordinal);

    /// <summary>A class's tests by their ids.</summary>
    public IReadOnlyDictionary<string, ITestCase> Tests(string name)
    {
        if (_found.TryGetValue(name, out Dictionary<string, ITestCase>? known))
            return known;
        DiscoverySink sink = new();
        _discoverer.Find(name, includeSourceInformation: false, sink, _options);
        sink.Done.Wait();
        return _found[name] = sink.Tests.GroupBy(test => test.UniqueID).ToDictionary(group => group.Key, group => group.First());
    }

    /// <summary>Runs tests of one class until one fails.</summary>
    public RunSink Run(string name, IEnumerable<string> ids)
    {
        IReadOnlyDictionary<string, ITestCase> tests = Tests(name);
        RunSink sink = new();
        _executor.RunTests(ids.Select(id => tests[id]).ToList(), sink, _options);
        sink.Done.Wait();
        return sink;
    }
}
