using Xunit;

namespace MiniMind.MLNet.Dpo.MutantRunner;

/// <summary>Watches a run and ends it at the first failure.</summary>
internal sealed class RunSink : LongLivedMarshalByRefObject, IMessageSink
{
    /// <summary>The first test that failed; null for none.</summary>
    public ITestCase? Failed { get; private set; }

    /// <summary>What it said.</summary>
    public string Message { get; private set; } = "";

    /// <summary>How many tests passed.</summary>
    public int Passed { get; private set; }

    /// <summary>Set when the run is over.</summary>
    public ManualResetEventSlim Done { get; } = new();

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestPassed:
                Passed++;
                break;
            case ITestFailed failed:
                Note(failed.TestCase, failed.Messages);
                break;
            case IErrorMessage error:
                Note(error.TestCases.FirstOrDefault(), error.Messages);
                break;
            case ITestClassCleanupFailure cleanup:
                Note(cleanup.TestCases.FirstOrDefault(), cleanup.Messages);
                break;
            case ITestCleanupFailure cleanup:
                Note(cleanup.TestCase, cleanup.Messages);
                break;
            case ITestAssemblyFinished:
                Done.Set();
                break;
        }
        return Failed is null;
    }

    private void Note(ITestCase? test, string[] messages)
    {
        if (Failed is not null)
            return;
        (Failed, Message) = (test, string.Join(' ', messages));
    }
}
