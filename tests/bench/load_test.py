"""What wrk prints is read right, also where it has measured nothing."""

import unittest

from load import Unmeasured, read_report

REPORT = """Running 2s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.13ms    1.71ms  20.00ms   91.99%
    Req/Sec    32.53k     2.10k   34.12k    80.50%
  Latency Distribution
     50%  380.00us
     75%  500.00us
     90%    1.00ms
     99%    8.20ms
  65000 requests in 2.01s, 46.10MB read
Requests/sec:  32338.30
Transfer/sec:     22.94MB
"""


class ReportTest(unittest.TestCase):
    def test_numbers(self):
        # The percentages above the distribution end in the same digits.
        for measured, printed in zip(read_report(REPORT), (65000, 32338.30, 380e-6, 8.2e-3), strict=True):
            self.assertAlmostEqual(measured, printed, places=9)

    def test_nan_in_the_summary_does_not_matter(self):
        self.assertEqual(read_report(REPORT.replace("80.50%", "-nan%"))[0], 65000)

    def test_nothing_measured(self):
        for text, wrong in (("8.20ms", "-nanus"), ("380.00us", "nanms"), ("32338.30", "-nan"),
                            ("65000 requests", "0 requests"), ("99%    8.20ms", "")):
            with self.subTest(wrong), self.assertRaises(Unmeasured):
                read_report(REPORT.replace(text, wrong))


if __name__ == "__main__":
    unittest.main()
