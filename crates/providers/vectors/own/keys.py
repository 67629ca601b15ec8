"""Private keys that come from names, not from files: the same at every run, and nobody's."""

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from .draft import Made


def prime(made, bits):
    """The next prime after a made number (Miller-Rabin with forty bases)."""
    number = int.from_bytes(made.bytes(bits // 8), "big") | 1 | (3 << (bits - 2))
    while not probably_prime(number):
        number += 2
    return number


def probably_prime(number):
    if any(number % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in range(2, 42):
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def rsa_key(seed):
    made, e = Made(seed), 65_537
    p, q = prime(made, 1024), prime(made, 1024)
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p),
                                    rsa.RSAPublicNumbers(e, p * q))
    return numbers.private_key()


def ec_key(seed):
    return ec.derive_private_key(int.from_bytes(Made(seed).bytes(31), "big"), ec.SECP256R1())
