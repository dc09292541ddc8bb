using Xunit;

namespace MiniMind.MLNet.Dpo.MutantRunner;

/// <summary>Takes the tests that are found.</summary>
internal sealed class DiscoverySink : LongLivedMarshalByRefObject, IMessageSink
{
    /// <summary>The tests found so far.</summary>
    public List<ITestCase> Tests { get; } = [];

    /// <summary>Set when all have been found.</summary>
    public ManualResetEventSlim Done { get; } = new();

    public bool OnMessage(IMessageSinkMessage message)
    {
        if (message is ITestCaseDiscoveryMessage found)
            Tests.Add(found.TestCase);
        if (message is IDiscoveryCompleteMessage)
            Done.Set();
        return true;
    }
}
