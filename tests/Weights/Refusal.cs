namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Asserts that a hostile input is refused clearly, quickly and cheaply.</summary>
internal static class Refusal
{
    private const long MaxBytes = 200 << 20;

    /// <summary>Runs an action that must throw, and checks the error's text, the time and the memory.</summary>
    /// <param name="action">Opens the hostile input.</param>
    /// <param name="path">Must be in the message.</param>
    /// <param name="expected">Must be in the message.</param>
    public static void Assert<TException>(Action action, string path, string expected)
        where TException : Exception
    {
        TimeSpan fastest = TimeSpan.MaxValue;
        for (int attempt = 0; attempt < 3 && fastest > TimeSpan.FromSeconds(1); attempt++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan start = ThreadClock.Now;
            Exception thrown = action.Should().Throw<TException>().Which;
            TimeSpan taken = ThreadClock.Now - start;
            fastest = taken < fastest ? taken : fastest;
            (GC.GetAllocatedBytesForCurrentThread() - allocated).Should().BeLessThan(MaxBytes);
            thrown.Message.Should().Contain(path).And.Contain(expected);
            thrown.Message.Length.Should().BeLessThan(10_000, "a message is for reading");
        }
        fastest.Should().BeLessThan(TimeSpan.FromSeconds(1));
    }
}
