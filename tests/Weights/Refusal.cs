namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Asserts that a hostile input is refused clearly, quickly and cheaply.</summary>
internal static class Refusal
{
    private const long MaxBytes = 200 << 20;

    private static readonly TimeSpan s_maxTime = TimeSpan.FromSeconds(1);

    /// <summary>Runs an action that must throw, and checks the error's text, the time and the memory.</summary>
    /// <param name="action">Opens the hostile input.</param>
    /// <param name="path">Must be in the message.</param>
    /// <param name="expected">Must be in the message.</param>
    public static void Assert<TException>(Action action, string path, string expected)
        where TException : Exception
    {
        Exception thrown = Measured(action)!;
        thrown.Should().BeOfType<TException>().Which.Message.Should().Contain(path).And.Contain(expected);
        thrown.Message.Length.Should().BeLessThan(10_000, "a message is for reading");
    }

    /// <summary>Runs an action, and checks that it ends within a second of the thread's time and 200 MB of managed memory.</summary>
    /// <returns>What it threw, if it did.</returns>
    public static Exception? Measured(Action action)
    {
        for (int attempt = 0; ; attempt++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan start = ThreadClock.Now;
            Exception? thrown = Record.Exception(action);
            TimeSpan taken = ThreadClock.Now - start;
            (GC.GetAllocatedBytesForCurrentThread() - allocated).Should().BeLessThan(MaxBytes);
            if (taken < s_maxTime || attempt == 2)
            {
                taken.Should().BeLessThan(s_maxTime, "the first attempts may have paid for compiling");
                return thrown;
            }
        }
    }
}
